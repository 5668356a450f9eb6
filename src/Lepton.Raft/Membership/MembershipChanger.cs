namespace Lepton.Raft.Membership;

/// <summary>
/// The arithmetic of memberships (Raft paper §6): from one membership and a change to the next one. Pure; the rules of
/// when a change may be made at all are the core's.
/// </summary>
public static class MembershipChanger
{
    /// <summary>
    /// What a change leads to: where the voters change, a joint membership that is to be left with
    /// <see cref="Leave"/>, otherwise the new membership itself.
    /// </summary>
    public static MembershipPlan Plan(ClusterMembership current, MembershipChange change)
    {
        if (current.IsJoint)
        {
            return Refuse(MembershipRefusal.ChangePending);
        }

        return change switch
        {
            MembershipChange.AddLearner add => Add(current, add.Member, votes: false),
            MembershipChange.AddVoter add => Add(current, add.Member, votes: true),
            MembershipChange.Promote promote => Promote(current, promote.Id),
            MembershipChange.Remove remove => Remove(current, remove.Id),
            MembershipChange.Update update => Update(current, update.Member),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "This kind of change is not known."),
        };
    }

    /// <summary>The membership behind a joint one: the outgoing voters have no say any more.</summary>
    /// <exception cref="ArgumentException">The membership is not joint.</exception>
    public static ClusterMembership Leave(ClusterMembership joint)
    {
        if (!joint.IsJoint)
        {
            throw new ArgumentException("Only a joint membership can be left; this one is not.", nameof(joint));
        }

        Member[] members = [.. joint.Members.Where(
            member => joint.Voters.Contains(member.Id) || joint.Learners.Contains(member.Id))];
        return new ClusterMembership(members, joint.Voters, [], joint.Learners);
    }

    /// <summary>A membership of voters alone.</summary>
    public static ClusterMembership OfVoters(IEnumerable<Member> voters)
    {
        Member[] members = [.. voters.OrderBy(member => member.Id)];
        return new ClusterMembership(members, [.. members.Select(member => member.Id)], [], []);
    }

    /// <summary>What is wrong with a membership in itself; null where nothing is.</summary>
    internal static string? FaultOf(ClusterMembership membership)
    {
        NodeId[] ids = [.. membership.Members.Select(member => member.Id)];
        if (!IsAscending(ids) || !IsAscending(membership.Voters) || !IsAscending(membership.OutgoingVoters)
            || !IsAscending(membership.Learners))
        {
            return "ids are not in ascending order, or one is there twice";
        }

        var named = membership.Voters.Concat(membership.OutgoingVoters).Concat(membership.Learners).ToHashSet();
        return !named.SetEquals(ids) ? "the members are not exactly those who vote or learn"
            : ids.Length > 0 && membership.Voters.Count == 0 ? "nobody votes"
            : membership.Learners.Any(id => membership.Voters.Contains(id) || membership.OutgoingVoters.Contains(id))
                ? "a learner votes"
            : null;
    }

    private static bool IsAscending(IReadOnlyList<NodeId> ids)
    {
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids[i] <= (i == 0 ? NodeId.None : ids[i - 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static MembershipPlan Add(ClusterMembership current, Member member, bool votes)
    {
        MembershipRefusal? refusal = member.Id == NodeId.None ? MembershipRefusal.IdMissing
            : Find(current, member.Id) is not null ? MembershipRefusal.MemberExists
            : IsUrlTaken(current, member) ? MembershipRefusal.PeerUrlTaken
            : null;
        if (refusal is not null)
        {
            return Refuse(refusal.Value);
        }

        Member[] members = [.. current.Members.Append(member).OrderBy(other => other.Id)];
        return Accept(votes
            ? new ClusterMembership(members, With(current.Voters, member.Id), current.Voters, current.Learners)
            : current with { Members = members, Learners = With(current.Learners, member.Id) });
    }

    private static MembershipPlan Promote(ClusterMembership current, NodeId id) =>
        Find(current, id) is null ? Refuse(MembershipRefusal.MemberUnknown)
        : !current.Learners.Contains(id) ? Refuse(MembershipRefusal.NotLearner)
        : Accept(new ClusterMembership(
            current.Members, With(current.Voters, id), current.Voters, Without(current.Learners, id)));

    private static MembershipPlan Remove(ClusterMembership current, NodeId id)
    {
        if (Find(current, id) is null)
        {
            return Refuse(MembershipRefusal.MemberUnknown);
        }

        if (current.Learners.Contains(id))
        {
            return Accept(current with
            {
                Members = [.. current.Members.Where(member => member.Id != id)],
                Learners = Without(current.Learners, id),
            });
        }

        // The outgoing voter stays a member until the joint membership is left: it has its say until then.
        return current.Voters.Count == 1
            ? Refuse(MembershipRefusal.LastVoter)
            : Accept(current with { Voters = Without(current.Voters, id), OutgoingVoters = current.Voters });
    }

    private static MembershipPlan Update(ClusterMembership current, Member member) =>
        Find(current, member.Id) is null ? Refuse(MembershipRefusal.MemberUnknown)
        : IsUrlTaken(current, member) ? Refuse(MembershipRefusal.PeerUrlTaken)
        : Accept(current with
        {
            Members = [.. current.Members.Select(other => other.Id == member.Id ? member : other)],
        });

    private static bool IsUrlTaken(ClusterMembership current, Member member) => current.Members
        .Where(other => other.Id != member.Id)
        .Any(other => other.PeerUrls.Intersect(member.PeerUrls, StringComparer.Ordinal).Any());

    private static Member? Find(ClusterMembership current, NodeId id) =>
        current.Members.FirstOrDefault(member => member.Id == id);

    private static NodeId[] With(IReadOnlyList<NodeId> ids, NodeId id) => [.. ids.Append(id).Order()];

    private static NodeId[] Without(IReadOnlyList<NodeId> ids, NodeId id) => [.. ids.Where(other => other != id)];

    private static MembershipPlan Accept(ClusterMembership next) => new(next, null);

    private static MembershipPlan Refuse(MembershipRefusal refusal) => new(null, refusal);
}
