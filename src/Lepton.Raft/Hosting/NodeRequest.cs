namespace Lepton.Raft.Hosting;

/// <summary>
/// Something that a node's user waits for. Its members are called by the thread that owns the node; it ends once, with
/// a result or a failure, and keeps to that.
/// </summary>
/// <typeparam name="T">What it gives.</typeparam>
public abstract class NodeRequest<T>
{
    /// <summary>When the node gives up waiting, in its ticks.</summary>
    internal long DeadlineTick { get; set; }

    /// <summary>How much it holds while it is under way.</summary>
    internal long Bytes { get; set; }

    /// <summary>The leadership under which it began: what another leader does with it, nobody knows.</summary>
    internal (Term Term, NodeId Leader) Leadership { get; set; }

    /// <summary>It has its result.</summary>
    protected internal abstract void Succeed(T result);

    /// <summary>It will have none.</summary>
    protected internal abstract void Fail(ConsensusFailure failure, string message);
}
