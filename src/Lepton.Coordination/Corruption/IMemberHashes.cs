using Lepton.Raft.Membership;

namespace Lepton.Coordination.Corruption;

/// <summary>Asks other members for their hashes. Thread safe.</summary>
internal interface IMemberHashes
{
    /// <summary>Asks one.</summary>
    /// <param name="member">Whom.</param>
    /// <param name="revision">Up to which revision.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HashUnknownException">It gave none; nothing follows from that.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<MemberHash> AskAsync(Member member, long revision, CancellationToken cancellationToken);
}
