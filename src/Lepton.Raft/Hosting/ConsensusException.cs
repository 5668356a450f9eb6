namespace Lepton.Raft.Hosting;

/// <summary>A proposal, a read or a change of membership has no result.</summary>
public sealed class ConsensusException(ConsensusFailure failure, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ConsensusFailure Failure => failure;
}
