using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Core;

/// <summary>
/// Finds the memberships in a log at the start of a node, the ones that are not known to be committed too.
/// </summary>
internal static class MembershipScan
{
    private const long BytesEach = 1 << 20;

    public static MembershipHistory Of(ILogReader log)
    {
        MembershipHistory history = new(log.Snapshot.Index, log.Snapshot.Membership);
        LogIndex next = log.Snapshot.Index.Next;
        while (next <= log.LastIndex)
        {
            foreach (LogEntry entry in log.Read(next, log.LastIndex.Next, BytesEach))
            {
                if (entry.Kind == EntryKind.Membership)
                {
                    history.Append(entry.Index, MembershipCodec.Decode(entry.Data));
                }

                next = entry.Index.Next;
            }
        }

        return history;
    }
}
