using System.Collections.Concurrent;
using Lepton.Coordination.Corruption;
using Lepton.Raft;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Tests.Corruption;

/// <summary>Other members, as a test wants them; one that is not set can't be reached.</summary>
internal sealed class FakeHashes : IMemberHashes
{
    private readonly ConcurrentDictionary<NodeId, Func<long, MemberHash>> _members = new();

    public Func<long, MemberHash> this[NodeId member]
    {
        set => _members[member] = value;
    }

    public Task<MemberHash> AskAsync(Member member, long revision, CancellationToken cancellationToken) =>
        _members.TryGetValue(member.Id, out Func<long, MemberHash>? answer)
            ? Task.FromResult(answer(revision))
            : throw new HashUnknownException("the test wants it so");
}
