using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.World;

/// <summary>
/// What strikes, and when. Every seed has its own mixture. Disks are damaged on a fixed minority of the first voters
/// only: no system can give back what a majority has lost.
/// </summary>
internal sealed class FaultPlan
{
    private readonly SimulatedCluster _cluster;
    private readonly SeededRandom _random;
    private readonly HashSet<NodeId> _damageable;
    private readonly OperatorStrikes _operators;
    private readonly FormatUpgrade _upgrade;
    private readonly Action[] _kinds;
    private bool _isOver;

    public FaultPlan(SimulatedCluster cluster, SeededRandom random)
    {
        (_cluster, _random) = (cluster, random);
        int minority = (cluster.FirstVoters - 1) / 2;
        _damageable = [.. cluster.Nodes.Take(minority).Select(node => node.Id)];
        _operators = new OperatorStrikes(cluster, random, _damageable);
        _upgrade = new FormatUpgrade(cluster, random);
        List<Action> all =
        [
            KillOne, KillOne, LosePowerOfOne, LosePowerOfAll, LosePowerInWrite, LosePowerInWrite, Split, CutOneWay,
            Bridge, IsolateLeader, Noise, FillDisk, FailDisk, FlipBits, MisdirectWrites, DriftClock,
            _operators.ChangeMembership, _operators.ChangeMembership, _operators.ChangeMembership,
            _operators.ChangeMembershipTwice, _operators.ChangeMembershipTwice,
            _operators.Transfer, _operators.Transfer, ReplaceHalf,
        ];
        if (!cluster.Scenario.LeaseReads)
        {
            // Whatever stops a node's clock, or has it jump, breaks what leases stand on.
            all.AddRange([PauseOne, SlowDisk, SlowDisk, JumpClock, ContestElection, ContestElection]);
        }

        // A part of the kinds only, so that some seeds see the same few faults again and again.
        _kinds = [.. all.Where(_ => random.NextInt32(3) > 0)];
    }

    public void Begin()
    {
        if (_cluster.Scenario.LeaseReads)
        {
            _cluster.Faults.Hit(Fault.LeaseReadsSeed);
        }

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
        if (_random.NextInt32(2) == 0)
        {
            _upgrade.Finish();
        }

        foreach (SimulatedNode node in _cluster.Nodes)
        {
            Heal(node.Disk);
            node.ClockPerMille = 1000;
            if (node.IsPaused)
            {
                node.Resume();
            }

            Restart(node);
        }

        // Once a leader is there.
        _cluster.Events.After(6_000_000, _upgrade.Raise);
    }

    private void Next() => _cluster.Events.After(50_000 + _random.NextInt32(1_100_000), () =>
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
        disk.SyncUsMax = 0;
        disk.CallsUntilPowerLoss = null;
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
        Count(node, Fault.ProcessKilled);
        node.Kill();
        Later(() => Restart(node));
    }

    private void LosePowerOfOne()
    {
        SimulatedNode node = Any();
        Count(node, Fault.PowerLost);
        node.LosePower();
        Later(() => Restart(node));
    }

    /// <summary>The power of all fails about at one time, of each before one of its next calls of the disk.</summary>
    private void LosePowerOfAll()
    {
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            node.Disk.CallsUntilPowerLoss = _random.NextInt32(3);
            _cluster.Events.After(_random.NextInt32(30_000), () =>
            {
                if (!_isOver && node.Disk.CallsUntilPowerLoss is not null)
                {
                    Count(node, Fault.PowerLost);
                    node.LosePower();
                }

                Later(() => Restart(node));
            });
        }
    }

    /// <summary>
    /// All stand for election at one time, on a slow network; some lose their power over what they promise, and are
    /// there again before all have been answered.
    /// </summary>
    private void ContestElection()
    {
        _cluster.Faults.Hit(Fault.ElectionContested);
        _cluster.Network.DelayUsMax = 2_000 + _random.NextInt32(40_000);
        Later(_cluster.Network.Heal);
        foreach (SimulatedNode node in _cluster.Nodes.Where(node => node.IsUp))
        {
            Hurry(node, 20 + _random.NextInt32(10));
            if (_random.NextInt32(2) == 0)
            {
                node.Disk.CallsUntilPowerLoss = _random.NextInt32(4);
                _cluster.Events.After(10_000 + _random.NextInt32(60_000), () =>
                {
                    node.Disk.CallsUntilPowerLoss = null;
                    Restart(node);
                });
            }
        }
    }

    /// <summary>The power fails between two calls of the disk, within a turn: what needs no sync has left already.
    /// </summary>
    private void LosePowerInWrite()
    {
        SimulatedNode node = _cluster.Leader() is { } leader && _random.NextInt32(2) == 0 ? leader : Any();
        node.Disk.CallsUntilPowerLoss = _random.NextInt32(12);
        Later(() =>
        {
            node.Disk.CallsUntilPowerLoss = null;
            Restart(node);
        });
    }

    private void Count(SimulatedNode node, Fault fault)
    {
        if (node.IsRunning)
        {
            _cluster.Faults.Hit(fault);
        }
    }

    private void PauseOne()
    {
        SimulatedNode node = Any();
        if (node.IsRunning && !node.IsPaused)
        {
            Count(node, Fault.ProcessPaused);
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
        CutWhere((from, to) => half.Contains(from) != half.Contains(to), Fault.PartitionHeldBack);
    }

    private void CutOneWay()
    {
        (NodeId x, NodeId y) = (Any().Id, Any().Id);
        CutWhere((from, to) => from == x && (to == y || x == y), Fault.OneWayCutHeldBack);
    }

    private void Bridge()
    {
        NodeId bridge = Any().Id;
        HashSet<NodeId> half = [.. _cluster.Nodes.Where(_ => _random.NextInt32(2) == 0).Select(node => node.Id)];
        CutWhere(
            (from, to) => from != bridge && to != bridge && half.Contains(from) != half.Contains(to),
            Fault.BridgeHeldBack);
    }

    private void IsolateLeader()
    {
        if (_cluster.Leader() is { } leader)
        {
            bool inbound = _random.NextInt32(2) == 0;
            bool both = _random.NextInt32(2) == 0;
            CutWhere(
                (from, to) => (from == leader.Id && (both || !inbound)) || (to == leader.Id && (both || inbound)),
                Fault.LeaderCutHeldBack);
        }
    }

    private void CutWhere(Func<NodeId, NodeId, bool> isCut, Fault how)
    {
        foreach (SimulatedNode from in _cluster.Nodes)
        {
            foreach (SimulatedNode to in _cluster.Nodes)
            {
                if (from != to && isCut(from.Id, to.Id))
                {
                    _cluster.Network.Cut(from.Id, to.Id, how);
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
        node.Disk.SyncUsMax = 10_000 + _random.NextInt32(_random.NextInt32(2) == 0 ? 100_000 : 1_500_000);
        Later(() => node.Disk.SyncUsMax = 0);
    }

    private void FillDisk()
    {
        SimulatedNode node = Any();
        node.Disk.QuotaBytes = node.Disk.UsedBytes + _random.NextInt32(5000);
        Later(() => Heal(node.Disk));
    }

    private void FailDisk()
    {
        SimulatedNode node = Any();
        double probability = _random.NextDouble() / 4;
        node.Disk.Faults = _random.NextInt32(4) switch
        {
            0 => new DiskFaultPlan { FailSync = probability },
            1 => new DiskFaultPlan { FailDirectorySync = 4 * probability },
            2 => new DiskFaultPlan { FailWrite = probability },
            // What can't be read when a node starts counts as damaged.
            _ when _damageable.Contains(node.Id) => new DiskFaultPlan { FailRead = probability },
            _ => new DiskFaultPlan { FailWrite = probability / 4, FailSync = probability / 4 },
        };
        Later(() =>
        {
            Heal(node.Disk);
            Restart(node);
        });
    }

    private void FlipBits()
    {
        SimulatedNode node = Any();
        if (!_damageable.Contains(node.Id))
        {
            return;
        }

        node.Kill();
        IReadOnlyList<string> names = node.Disk.List();
        for (int flips = 1 + _random.NextInt32(3); flips > 0 && names.Count > 0; flips--)
        {
            string name = names[_random.NextInt32(names.Count)];
            int length = node.Disk.Content(name).Length;
            if (length > 0)
            {
                // Most of a file is room that is not yet written: aimed at its beginning more often than not.
                int reach = _random.NextInt32(3) > 0 ? Math.Min(length, 16_384) : length;
                node.Disk.FlipBit(name, _random.NextInt32(reach), _random.NextInt32(8));
            }
        }

        Later(() => Restart(node));
    }

    /// <summary>Writes land in another place of their file for a while; then the node starts again and finds out.
    /// </summary>
    private void MisdirectWrites()
    {
        SimulatedNode node = Any();
        if (!_damageable.Contains(node.Id))
        {
            return;
        }

        node.Disk.Faults = new DiskFaultPlan { MisdirectWrite = 0.01 + (_random.NextDouble() / 5) };
        Later(() =>
        {
            Heal(node.Disk);
            node.Kill();
            Restart(node);
        });
    }

    private void DriftClock()
    {
        SimulatedNode node = Any();
        // A lease is cut by 2 of 10 ticks, of which one may be all but over when it begins to count.
        int drift = _cluster.Scenario.LeaseReads ? 50 : 400;
        node.ClockPerMille = 1000 - drift + _random.NextInt32((2 * drift) + 1);
        Count(node, Fault.ClockDrifted);
    }

    private void JumpClock()
    {
        SimulatedNode node = Any();
        if (node.IsUp)
        {
            Count(node, Fault.ClockJumped);
            Hurry(node, 1 + _random.NextInt32(40));
        }
    }

    private static void Hurry(SimulatedNode node, int ticks)
    {
        for (; ticks > 0; ticks--)
        {
            node.Do(static raft => raft.Tick());
        }
    }

    private void ReplaceHalf() => _upgrade.ReplaceHalf(node => Later(() => Restart(node)));
}
