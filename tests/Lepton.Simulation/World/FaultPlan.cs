using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.World;

/// <summary>
/// What strikes, and when. Every seed has its own mixture. Disks are damaged on a fixed minority of the first voters
/// only:
/// no system can give back what a majority has lost.
/// </summary>
internal sealed class FaultPlan
{
    private readonly SimulatedCluster _cluster;
    private readonly SeededRandom _random;
    private readonly HashSet<NodeId> _damageable;
    private readonly Action[] _kinds;
    private bool _isOver;

    public FaultPlan(SimulatedCluster cluster, SeededRandom random)
    {
        (_cluster, _random) = (cluster, random);
        int minority = (cluster.FirstVoters - 1) / 2;
        _damageable = [.. cluster.Nodes.Take(minority).Select(node => node.Id)];
        Action[] all =
        [
            KillOne, KillOne, LosePowerOfOne, LosePowerOfAll, PauseOne, Split, CutOneWay, Bridge, IsolateLeader, Noise,
            SlowDisk, FillDisk, FailSync, DamageDisk, DriftClock, ChangeMembership, ChangeMembership, Transfer,
        ];

        // A part of the kinds only, so that some seeds see the same few faults again and again.
        _kinds = [.. all.Where(_ => random.NextInt32(3) > 0)];
    }

    public void Begin()
    {
        if (_kinds.Length > 0)
        {
            Next();
        }
    }

    /// <summary>Undoes all that is still broken.</summary>
    public void End()
    {
        _isOver = true;
        _cluster.Network.Heal();
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            Heal(node.Disk);
            node.WriteUsMax = 500;
            node.ClockPerMille = 1000;
            if (node.IsPaused)
            {
                node.Resume();
            }

            Restart(node);
        }
    }

    private void Next() => _cluster.Events.After(100_000 + _random.NextInt32(1_500_000), () =>
    {
        if (!_isOver)
        {
            _kinds[_random.NextInt32(_kinds.Length)]();
            Next();
        }
    });

    private void Later(Action undo) => _cluster.Events.After(200_000 + _random.NextInt32(4_000_000), () =>
    {
        if (!_isOver)
        {
            undo();
        }
    });

    private static void Heal(SimulatedDisk disk)
    {
        disk.Faults = new DiskFaultPlan();
        disk.QuotaBytes = long.MaxValue;
    }

    private SimulatedNode Any() => _cluster.Nodes[_random.NextInt32(_cluster.Nodes.Count)];

    private void Restart(SimulatedNode node)
    {
        if (!node.IsRunning)
        {
            node.Start(_cluster.IsFirst(node) ? _cluster.FirstMembership : null);
        }
    }

    private void KillOne()
    {
        SimulatedNode node = Any();
        node.Kill();
        Later(() => Restart(node));
    }

    private void LosePowerOfOne()
    {
        SimulatedNode node = Any();
        node.LosePower();
        Later(() => Restart(node));
    }

    private void LosePowerOfAll()
    {
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            node.LosePower();
            Later(() => Restart(node));
        }
    }

    private void PauseOne()
    {
        SimulatedNode node = Any();
        if (node.IsRunning && !node.IsPaused)
        {
            node.Pause();
            Later(() =>
            {
                if (node.IsPaused)
                {
                    node.Resume();
                }
            });
        }
    }

    private void Split()
    {
        HashSet<NodeId> half = [.. _cluster.Nodes.Where(_ => _random.NextInt32(2) == 0).Select(node => node.Id)];
        CutWhere((from, to) => half.Contains(from) != half.Contains(to));
    }

    private void CutOneWay()
    {
        (NodeId x, NodeId y) = (Any().Id, Any().Id);
        CutWhere((from, to) => from == x && (to == y || x == y));
    }

    private void Bridge()
    {
        NodeId bridge = Any().Id;
        HashSet<NodeId> half = [.. _cluster.Nodes.Where(_ => _random.NextInt32(2) == 0).Select(node => node.Id)];
        CutWhere((from, to) => from != bridge && to != bridge && half.Contains(from) != half.Contains(to));
    }

    private void IsolateLeader()
    {
        if (_cluster.Leader() is { } leader)
        {
            bool inbound = _random.NextInt32(2) == 0;
            bool both = _random.NextInt32(2) == 0;
            CutWhere((from, to) =>
                (from == leader.Id && (both || !inbound)) || (to == leader.Id && (both || inbound)));
        }
    }

    private void CutWhere(Func<NodeId, NodeId, bool> isCut)
    {
        foreach (SimulatedNode from in _cluster.Nodes)
        {
            foreach (SimulatedNode to in _cluster.Nodes)
            {
                if (from != to && isCut(from.Id, to.Id))
                {
                    _cluster.Network.Cut(from.Id, to.Id);
                }
            }
        }

        Later(_cluster.Network.Heal);
    }

    private void Noise()
    {
        _cluster.Network.LostPerMille = _random.NextInt32(300);
        _cluster.Network.DoubledPerMille = _random.NextInt32(200);
        _cluster.Network.LatePerMille = _random.NextInt32(100);
        _cluster.Network.DelayUsMax = 1_000 + _random.NextInt32(100_000);
        Later(_cluster.Network.Heal);
    }

    private void SlowDisk()
    {
        SimulatedNode node = Any();
        node.WriteUsMax = 10_000 + _random.NextInt32(1_000_000);
        Later(() => node.WriteUsMax = 500);
    }

    private void FillDisk()
    {
        SimulatedNode node = Any();
        node.Disk.QuotaBytes = node.Disk.UsedBytes + _random.NextInt32(5000);
        Later(() => Heal(node.Disk));
    }

    private void FailSync()
    {
        SimulatedNode node = Any();
        node.Disk.Faults = new DiskFaultPlan
        {
            FailSync = _random.NextDouble() / 10,
            FailDirectorySync = _random.NextDouble() / 10,
            FailWrite = _random.NextInt32(2) == 0 ? 0 : _random.NextDouble() / 20,
        };
        Later(() =>
        {
            Heal(node.Disk);
            Restart(node);
        });
    }

    private void DamageDisk()
    {
        SimulatedNode node = Any();
        if (_damageable.Contains(node.Id))
        {
            node.Kill();
            IReadOnlyList<string> names = node.Disk.List();
            for (int flips = 1 + _random.NextInt32(3); flips > 0 && names.Count > 0; flips--)
            {
                string name = names[_random.NextInt32(names.Count)];
                int length = node.Disk.Content(name).Length;
                if (length > 0)
                {
                    // Most of a file is room that is not yet written: aimed at its beginning more often than not.
                    int reach = _random.NextInt32(3) > 0 ? Math.Min(length, 8192) : length;
                    node.Disk.FlipBit(name, _random.NextInt32(reach), _random.NextInt32(8));
                }
            }

            Later(() => Restart(node));
        }
    }

    private void DriftClock()
    {
        SimulatedNode node = Any();
        node.ClockPerMille = 700 + _random.NextInt32(700);
        if (_random.NextInt32(3) == 0)
        {
            for (int ticks = _random.NextInt32(40); ticks > 0 && !node.IsPaused; ticks--)
            {
                node.Do(static raft => raft.Tick());
            }
        }
    }

    private void Transfer()
    {
        NodeId to = Any().Id;
        _cluster.Leader()?.Do(raft => raft.TransferLeadership(to, Unheard<NodeId>()));
    }

    private void ChangeMembership()
    {
        if (_cluster.Leader() is not { } leader)
        {
            return;
        }

        SimulatedNode node = Any();
        ClusterMembership now = leader.Raft.Core.Membership;
        Member member = new(node.Id, $"n{node.Id}", []);
        MembershipChange change = now switch
        {
            _ when now.Learners.Contains(node.Id) => new MembershipChange.Promote(node.Id),
            _ when now.Members.All(other => other.Id != node.Id) => _random.NextInt32(3) == 0
                ? new MembershipChange.AddVoter(member)
                : new MembershipChange.AddLearner(member),
            _ when now.Voters.Count > (2 * _damageable.Count) + 1 && !_damageable.Contains(node.Id) =>
                new MembershipChange.Remove(node.Id),
            _ => new MembershipChange.Update(member with { Name = member.Name + "x" }),
        };
        (_random.NextInt32(2) == 0 ? leader : node).Do(raft =>
            raft.ChangeMembership(change, Unheard<ClusterMembership>()));
    }

    private static CallbackRequest<T> Unheard<T>() => new(static _ => { }, static (ConsensusFailure _) => { });
}
