using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Simulation.World;

/// <summary>What operators ask of a cluster at the worst of times: other members, another leader.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="random">Where choices come from.</param>
/// <param name="damageable">Whose disks may be damaged: no voter is removed that could be missed beside them.</param>
internal sealed class OperatorStrikes(
    SimulatedCluster cluster, SeededRandom random, IReadOnlySet<NodeId> damageable)
{
    public void Transfer()
    {
        NodeId to = Any().Id;
        CallbackRequest<NodeId> request = new(
            _ => cluster.Faults.Hit(Fault.LeaderTransferred), static (ConsensusFailure _) => { });
        cluster.Leader()?.Do(raft => raft.TransferLeadership(to, request));
    }

    public void ChangeMembership() => AskLeader(Any());

    /// <summary>Two changes, the second one asked for as soon as the first one is made, or before.</summary>
    public void ChangeMembershipTwice()
    {
        if (cluster.Leader() is not { } leader)
        {
            return;
        }

        bool waits = random.NextInt32(2) == 0;
        Action second = () =>
        {
            if (cluster.Leader() is { } now)
            {
                Ask(now, Any(), () => cluster.Faults.Hit(Fault.SecondChangeAtOnce));
            }
        };
        Ask(leader, Any(), waits ? second : static () => { });
        if (!waits)
        {
            second();
        }
    }

    private void AskLeader(SimulatedNode node)
    {
        if (cluster.Leader() is { } leader)
        {
            Ask(leader, node, static () => { });
        }
    }

    private void Ask(SimulatedNode leader, SimulatedNode node, Action made)
    {
        MembershipChange change = Draw(leader.Raft.Core.Membership, node);
        CallbackRequest<ClusterMembership> request = new(
            _ =>
            {
                if (Counted(change) is { } fault)
                {
                    cluster.Faults.Hit(fault);
                }

                if (change is MembershipChange.AddLearner)
                {
                    cluster.Events.After(random.NextInt32(1_000_000), () => AskLeader(node));
                }

                made();
            },
            static (ConsensusFailure _) => { });
        (random.NextInt32(2) == 0 ? leader : node).Do(raft => raft.ChangeMembership(change, request));
    }

    private MembershipChange Draw(ClusterMembership now, SimulatedNode node)
    {
        Member member = new(node.Id, $"n{node.Id}", []);
        return now switch
        {
            _ when now.Learners.Contains(node.Id) => new MembershipChange.Promote(node.Id),
            _ when now.Members.All(other => other.Id != node.Id) => random.NextInt32(3) == 0
                ? new MembershipChange.AddVoter(member)
                : new MembershipChange.AddLearner(member),
            _ when MayRemove(now, node) => new MembershipChange.Remove(node.Id),
            _ => new MembershipChange.Update(member with { Name = member.Name + "x" }),
        };
    }

    // While a node is not whole, the others are the only ones who know what it has lost.
    private bool MayRemove(ClusterMembership now, SimulatedNode node) =>
        now.Voters.Count > (2 * damageable.Count) + 1 && !damageable.Contains(node.Id)
        && cluster.Nodes.Where(other => damageable.Contains(other.Id))
            .All(other => other.IsRunning && !other.Raft.Core.IsDamaged);

    private static Fault? Counted(MembershipChange change) => change switch
    {
        MembershipChange.AddLearner => Fault.LearnerAdded,
        MembershipChange.AddVoter => Fault.VoterAdded,
        MembershipChange.Promote => Fault.LearnerPromoted,
        MembershipChange.Remove => Fault.VoterRemoved,
        _ => null,
    };

    private SimulatedNode Any() => cluster.Nodes[random.NextInt32(cluster.Nodes.Count)];
}
