using FsCheck.Fluent;
using Lepton.Core.Randomness;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Quorum;

namespace Lepton.Raft.Tests.Membership;

public sealed class MembershipChangerTests
{
    [Fact]
    public void Plan_AnyChanges_StayWellFormedAndRoundTrip() =>
        Prop.ForAll<int>(seed => Walk(seed).All(step =>
            MembershipChanger.FaultOf(step.After) is null
            && Same(MembershipCodec.Decode(MembershipCodec.Encode(step.After)), step.After))).Holds();

    /// <summary>What makes a change safe: no two neighbours in a walk can decide without a common voter.</summary>
    [Fact]
    public void Plan_AnyChanges_NeighboursShareAVoterInEveryQuorum() =>
        Prop.ForAll<int>(seed => Walk(seed).All(step => QuorumsMeet(step.Before, step.After))).Holds();

    [Fact]
    public void Plan_AnyChanges_TouchVotersByWayOfAJointMembershipOnly() =>
        Prop.ForAll<int>(seed => Walk(seed).All(step =>
            step.Before.IsJoint || step.After.IsJoint || step.Before.Voters.SequenceEqual(step.After.Voters))).Holds();

    [Fact]
    public void Plan_Refused_SaysWhy()
    {
        ClusterMembership two = MembershipChanger.OfVoters([Of(1), Of(2)]);
        ClusterMembership withLearner = Next(two, new MembershipChange.AddLearner(Of(3)));
        ClusterMembership one = MembershipChanger.OfVoters([Of(1)]);
        ClusterMembership joint = Next(two, new MembershipChange.AddVoter(Of(3)));

        Assert.Equal(MembershipRefusal.MemberExists, Refusal(two, new MembershipChange.AddVoter(Of(2))));
        Assert.Equal(MembershipRefusal.MemberExists, Refusal(withLearner, new MembershipChange.AddLearner(Of(3))));
        Assert.Equal(
            MembershipRefusal.PeerUrlTaken,
            Refusal(two, new MembershipChange.AddVoter(Of(2) with { Id = new NodeId(9) })));
        Assert.Equal(
            MembershipRefusal.PeerUrlTaken,
            Refusal(two, new MembershipChange.Update(Of(2) with { Id = new NodeId(1) })));
        Assert.Equal(MembershipRefusal.IdMissing, Refusal(two, new MembershipChange.AddVoter(Of(0))));
        Assert.Equal(MembershipRefusal.MemberUnknown, Refusal(two, new MembershipChange.Remove(new NodeId(9))));
        Assert.Equal(MembershipRefusal.MemberUnknown, Refusal(two, new MembershipChange.Promote(new NodeId(9))));
        Assert.Equal(MembershipRefusal.MemberUnknown, Refusal(two, new MembershipChange.Update(Of(9))));
        Assert.Equal(MembershipRefusal.NotLearner, Refusal(two, new MembershipChange.Promote(new NodeId(2))));
        Assert.Equal(MembershipRefusal.LastVoter, Refusal(one, new MembershipChange.Remove(new NodeId(1))));
        Assert.Equal(MembershipRefusal.ChangePending, Refusal(joint, new MembershipChange.Remove(new NodeId(1))));
        Assert.Throws<ArgumentException>(() => MembershipChanger.Leave(two));
    }

    [Fact]
    public void Decode_VotersThatBecomeLearners_IsRefused()
    {
        byte[] bytes = MembershipCodec.Encode(MembershipChanger.OfVoters([Of(1)]));
        Assert.Equal(0, bytes[^1]);
        byte[] named = [.. bytes[..^1], 1, 2, 0, 0, 0, 0, 0, 0, 0];
        string message = Assert.Throws<MalformedMessageException>(() => MembershipCodec.Decode(named)).Message;
        Assert.Contains("voters that become learners", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NewerVersion_IsRefusedWithBothVersions()
    {
        byte[] bytes = MembershipCodec.Encode(MembershipChanger.OfVoters([Of(1)]));
        bytes[0] = MembershipCodec.Version + 1;
        string message = Assert.Throws<MalformedMessageException>(() => MembershipCodec.Decode(bytes)).Message;
        Assert.Contains("format version 2", message, StringComparison.Ordinal);
        Assert.Contains("versions 1 to 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_AnyDamage_IsAMembershipOrIsRefused() =>
        Prop.ForAll<int>(seed =>
        {
            SeededRandom random = new((ulong)(uint)seed);
            byte[] bytes = MembershipCodec.Encode(Walk(seed)[^1].After);
            bytes[random.NextInt32(bytes.Length)] ^= (byte)(1 << random.NextInt32(8));
            try
            {
                return MembershipChanger.FaultOf(MembershipCodec.Decode(
                    bytes.AsMemory(0, random.NextInt32(bytes.Length + 1)))) is null;
            }
            catch (MalformedMessageException)
            {
                return true;
            }
        }).Holds();

    /// <summary>A random walk through memberships: changes that are possible, and joint ones that are left.</summary>
    private static List<(ClusterMembership Before, ClusterMembership After)> Walk(int seed)
    {
        SeededRandom random = new((ulong)(uint)seed);
        ClusterMembership current = MembershipChanger.OfVoters(
            [.. Enumerable.Range(1, 1 + random.NextInt32(5)).Select(Of)]);
        List<(ClusterMembership, ClusterMembership)> steps = [];
        while (steps.Count < 12)
        {
            ClusterMembership? next = current.IsJoint
                ? MembershipChanger.Leave(current)
                : MembershipChanger.Plan(current, Change(random)).Next;
            if (next is not null)
            {
                steps.Add((current, next));
                current = next;
            }
        }

        return steps;
    }

    private static MembershipChange Change(SeededRandom random)
    {
        int id = random.NextInt32(9);
        return random.NextInt32(5) switch
        {
            0 => new MembershipChange.AddLearner(Of(id)),
            1 => new MembershipChange.AddVoter(Of(id)),
            2 => new MembershipChange.Promote(new NodeId((ulong)id)),
            3 => new MembershipChange.Remove(new NodeId((ulong)id)),
            _ => new MembershipChange.Update(Of(id) with { Name = $"renamed-{random.NextInt32(100)}" }),
        };
    }

    private static bool QuorumsMeet(ClusterMembership left, ClusterMembership right)
    {
        NodeId[] all = [.. left.Voters.Union(left.OutgoingVoters).Union(right.Voters).Union(right.OutgoingVoters)];
        for (int chosen = 0; chosen < 1 << all.Length; chosen++)
        {
            NodeId[] side = [.. all.Where((_, place) => (chosen & (1 << place)) != 0)];
            if (Decides(left, side) && Decides(right, [.. all.Except(side)]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Decides(ClusterMembership membership, NodeId[] side) => JointQuorum.Combine(
        MajorityQuorum.Tally(membership.Voters.Count, membership.Voters.Count(side.Contains), 0),
        MajorityQuorum.Tally(membership.OutgoingVoters.Count, membership.OutgoingVoters.Count(side.Contains), 0))
        == VoteOutcome.Won;

    private static bool Same(ClusterMembership left, ClusterMembership right) =>
        MembershipCodec.Encode(left).AsSpan().SequenceEqual(MembershipCodec.Encode(right))
        && left.Voters.SequenceEqual(right.Voters) && left.OutgoingVoters.SequenceEqual(right.OutgoingVoters)
        && left.Learners.SequenceEqual(right.Learners)
        && left.Members.Select(member => member.Name).SequenceEqual(right.Members.Select(member => member.Name));

    private static ClusterMembership Next(ClusterMembership current, MembershipChange change) =>
        MembershipChanger.Plan(current, change).Next!;

    private static MembershipRefusal? Refusal(ClusterMembership current, MembershipChange change) =>
        MembershipChanger.Plan(current, change).Refusal;

    private static Member Of(int id) => new(new NodeId((ulong)id), $"n{id}", [$"http://10.0.0.{id}:2380"]);
}
