using Lepton.Raft;

namespace Lepton.Coordination.Corruption;

/// <summary>What one comparison of the members' hashes came to.</summary>
/// <param name="Revision">At which revision they were compared.</param>
/// <param name="Agreeing">Members whose hashes are those that count, ascending.</param>
/// <param name="Differing">Members whose hashes are others, ascending.</param>
/// <param name="Unknown">Members that could not be compared, ascending, with the reasons.</param>
internal sealed record CorruptionReport(
    long Revision, IReadOnlyList<NodeId> Agreeing, IReadOnlyList<NodeId> Differing,
    IReadOnlyList<(NodeId Member, string Reason)> Unknown)
{
    /// <summary>Whether all members were compared.</summary>
    public bool IsComplete => Unknown.Count == 0;

    /// <summary>Judges what members said.</summary>
    /// <param name="self">The member that asks.</param>
    /// <param name="own">Its own hash.</param>
    /// <param name="answers">What the others said, or why nothing is known of them.</param>
    /// <remarks>
    /// The hash that a majority of all members has counts; where there is none, the asker's. Hashes that begin with
    /// another compacted revision can't be compared.
    /// </remarks>
    public static CorruptionReport Judge(
        NodeId self, MemberHash own, IReadOnlyList<(NodeId Member, MemberHash? Hash, string Reason)> answers)
    {
        List<(NodeId Member, uint Hash)> known = [(self, own.Hash)];
        List<(NodeId Member, string Reason)> unknown = [];
        foreach ((NodeId member, MemberHash? hash, string reason) in answers)
        {
            if (hash is null)
            {
                unknown.Add((member, reason));
            }
            else if (hash.Revision != own.Revision || hash.CompactedRevision != own.CompactedRevision)
            {
                unknown.Add((member,
                    $"it answered for the revisions {hash.CompactedRevision} to {hash.Revision}, and was asked for " +
                    $"{own.CompactedRevision} to {own.Revision}"));
            }
            else
            {
                known.Add((member, hash.Hash));
            }
        }

        int members = answers.Count + 1;
        uint right = known.GroupBy(static member => member.Hash)
            .Where(same => 2 * same.Count() > members)
            .Select(static same => same.Key)
            .FirstOrDefault(own.Hash);
        return new CorruptionReport(
            own.Revision,
            [.. known.Where(member => member.Hash == right).Select(static member => member.Member).Order()],
            [.. known.Where(member => member.Hash != right).Select(static member => member.Member).Order()],
            [.. unknown.OrderBy(static member => member.Member)]);
    }
}
