using Lepton.Core.Randomness;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.Objects;

/// <summary>Which faults strike, when, and when they are undone.</summary>
internal sealed class ObjectFaultPlan
{
    private readonly ObjectCluster _cluster;
    private readonly SeededRandom _random;
    private readonly Action[] _kinds;
    private readonly int _pauseUs;
    private bool _isOver;

    public ObjectFaultPlan(ObjectCluster cluster, SeededRandom random)
    {
        (_cluster, _random) = (cluster, random);
        LayoutStrikes layout = new(cluster, random);
        Action[] all =
        [
            KillOne, KillInWrite, KillInWrite, LosePowerOfOne, LosePowerInWrite, LosePowerInWrite, LosePowerOfAll,
            PauseOne, SlowMachine, Split, CutOneWay, CutFromMetadata, CutFromMetadata, Noise, FillDisk, FailDisk,
            FlipBits, FlipBits, FailCache, FailCache, MisdirectWrites, DriftClock, JumpClock, CompactHistory, HoldWatch,
            RunLeasesOut,
            layout.Join, layout.Drain, layout.Undrain, layout.RemoveDrained, layout.Reweigh, layout.LoseDisk,
        ];

        // A part of the kinds only, so that some seeds see the same few faults again and again.
        _kinds = [.. all.Where(_ => random.NextInt32(2) > 0)];
        _pauseUs = 500_000 << random.NextInt32(6);
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
        foreach (ObjectNode node in _cluster.Nodes.Where(static node => !node.IsRemoved))
        {
            Heal(node);
            node.Clock.RunAt(1000);
            node.Clock.Offset = TimeSpan.Zero;
            node.Life?.Resume();
            node.Start();
        }

        _cluster.Note("no more faults");
    }

    private void Next() => _cluster.Events.After(_pauseUs / 4 + _random.NextInt32(_pauseUs), () =>
    {
        if (!_isOver)
        {
            _kinds[_random.NextInt32(_kinds.Length)]();
            Next();
        }
    });

    private void Later(Action undo)
    {
        int most = _random.NextInt32(3) == 0 ? 90_000_000 : 15_000_000;
        _cluster.Events.After(500_000 + _random.NextInt32(most), () =>
        {
            if (!_isOver)
            {
                undo();
            }
        });
    }

    private static void Heal(ObjectNode node)
    {
        node.Disk.Faults = new DiskFaultPlan();
        node.CacheDisk.Faults = new DiskFaultPlan();
        (node.Disk.QuotaBytes, node.CacheDisk.QuotaBytes) = (long.MaxValue, long.MaxValue);
        node.Disk.CallsUntilPowerLoss = null;
        node.CallsUntilKill = null;
        node.TurnUsMax = 300;
        if (node.Process is { } process)
        {
            process.Membership.IsHeldBack = false;
        }
    }

    private ObjectNode Any()
    {
        ObjectNode[] all = [.. _cluster.Nodes.Where(static node => !node.IsRemoved)];
        return all[_random.NextInt32(all.Length)];
    }

    private void With(ObjectFault fault, Action<ObjectNode> strike)
    {
        if (Any() is { Life: not null } node)
        {
            _cluster.Note($"{fault}: {node.Name}");
            _cluster.Faults.Hit(fault);
            strike(node);
        }
    }

    private void WithDamageable(Action<ObjectNode> strike)
    {
        ObjectNode[] all = [.. _cluster.Nodes.Where(static node => node is { IsOut: false, IsDamageable: true })];
        if (all.Length > 0)
        {
            strike(all[_random.NextInt32(all.Length)]);
        }
    }

    private void KillOne() => With(ObjectFault.ProcessKilled, node =>
    {
        node.Kill();
        Later(node.Start);
    });

    private void KillInWrite()
    {
        ObjectNode node = Any();
        node.CallsUntilKill = _random.NextInt32(12);
        Later(() =>
        {
            node.CallsUntilKill = null;
            node.Start();
        });
    }

    private void LosePowerOfOne() => With(ObjectFault.PowerLost, node =>
    {
        node.LosePower();
        Later(node.Start);
    });

    /// <summary>The power fails between two calls of the disk, within a turn.</summary>
    private void LosePowerInWrite()
    {
        ObjectNode node = Any();
        node.Disk.CallsUntilPowerLoss = _random.NextInt32(12);
        Later(() =>
        {
            node.Disk.CallsUntilPowerLoss = null;
            node.Start();
        });
    }

    private void LosePowerOfAll()
    {
        _cluster.Faults.Hit(ObjectFault.PowerOfAllLost);
        foreach (ObjectNode node in _cluster.Nodes.Where(static node => node.Life is not null))
        {
            node.LosePower();
            Later(node.Start);
        }
    }

    private void PauseOne() => With(ObjectFault.ProcessPaused, node =>
    {
        NodeLife life = node.Life!;
        life.Pause();
        Later(life.Resume);
    });

    private void SlowMachine() => With(ObjectFault.MachineSlow, node =>
    {
        node.TurnUsMax = 10_000 + _random.NextInt32(4_000_000);
        Later(() => node.TurnUsMax = 300);
    });

    private void Split()
    {
        HashSet<int> half =
            [.. _cluster.Nodes.Where(_ => _random.NextInt32(2) == 0).Select(static node => node.Number)];
        CutWhere((from, to) => half.Contains(from) != half.Contains(to), ObjectFault.PartitionHeldBack);
    }

    private void CutOneWay()
    {
        (int x, int y) = (Any().Number, Any().Number);
        CutWhere((from, to) => from == x && (to == y || x == y), ObjectFault.OneWayCutHeldBack);
    }

    private void CutWhere(Func<int, int, bool> isCut, ObjectFault how)
    {
        _cluster.Note($"{how}");
        foreach (ObjectNode from in _cluster.Nodes)
        {
            foreach (ObjectNode to in _cluster.Nodes.Where(to => to != from && isCut(from.Number, to.Number)))
            {
                _cluster.Network.Cut(from.Number, to.Number, how);
            }
        }

        Later(_cluster.Network.Heal);
    }

    private void CutFromMetadata()
    {
        int node = Any().Number;
        int ways = 1 + _random.NextInt32(3);
        _cluster.Note($"{ObjectFault.MetadataCutHeldBack}: s{node}");
        if ((ways & 1) != 0)
        {
            _cluster.Network.Cut(node, ObjectNetwork.Metadata, ObjectFault.MetadataCutHeldBack);
        }

        if ((ways & 2) != 0)
        {
            _cluster.Network.Cut(ObjectNetwork.Metadata, node, ObjectFault.MetadataCutHeldBack);
        }

        Later(_cluster.Network.Heal);
    }

    private void Noise()
    {
        _cluster.Network.LostPerMille = _random.NextInt32(100);
        _cluster.Network.LatePerMille = _random.NextInt32(100);
        _cluster.Network.DelayUsMax = 1_000 + _random.NextInt32(200_000);
        Later(_cluster.Network.Heal);
    }

    private void FillDisk()
    {
        ObjectNode node = Any();
        node.Disk.QuotaBytes = node.Disk.UsedBytes + _random.NextInt32(8000);
        Later(() => node.Disk.QuotaBytes = long.MaxValue);
    }

    private void FailDisk()
    {
        ObjectNode node = Any();
        double probability = _random.NextDouble() / 4;
        node.Disk.Faults = _random.NextInt32(4) switch
        {
            // What could not be flushed counts as damaged.
            0 when node.IsDamageable => new DiskFaultPlan { FailSync = probability },
            0 or 1 => new DiskFaultPlan { FailDirectorySync = 4 * probability },
            2 => new DiskFaultPlan { FailWrite = probability },
            _ => new DiskFaultPlan { FailRead = probability },
        };
        Later(() =>
        {
            node.Disk.Faults = new DiskFaultPlan();
            node.Start();
        });
    }

    private void FlipBits() => WithDamageable(node => FlipBits(node.Disk));

    private void FlipBits(SimulatedDisk disk)
    {
        IReadOnlyList<string> names = disk.List();
        for (int flips = 1 + _random.NextInt32(6); flips > 0 && names.Count > 0; flips--)
        {
            string name = names[_random.NextInt32(names.Count)];
            int length = disk.Content(name).Length;
            if (length > 0)
            {
                _cluster.Note($"a bit flips in {disk.Path}/{name}");
                disk.FlipBit(name, _random.NextInt32(length), _random.NextInt32(8));
            }
        }
    }

    /// <summary>What others' blocks are kept on may do anything.</summary>
    private void FailCache() => With(ObjectFault.CacheFailed, node =>
    {
        double probability = _random.NextDouble() / 2;
        SimulatedDisk disk = node.CacheDisk;
        switch (_random.NextInt32(3))
        {
            case 0:
                FlipBits(disk);
                break;
            case 1:
                disk.QuotaBytes = disk.UsedBytes + _random.NextInt32(8000);
                break;
            default:
                disk.Faults = new DiskFaultPlan
                {
                    FailRead = probability,
                    FailWrite = probability,
                    FailSync = probability,
                    MisdirectWrite = probability,
                };
                break;
        }

        Later(() =>
        {
            (disk.Faults, disk.QuotaBytes) = (new DiskFaultPlan(), long.MaxValue);
            node.Start();
        });
    });

    private void MisdirectWrites() => WithDamageable(node =>
    {
        node.Disk.Faults = new DiskFaultPlan { MisdirectWrite = 0.05 + (_random.NextDouble() / 4) };
        Later(() => node.Disk.Faults = new DiskFaultPlan());
    });

    private void DriftClock() => With(ObjectFault.ClockDrifted, node => node.Clock.RunAt(700 + _random.NextInt32(600)));

    private void JumpClock() => With(
        ObjectFault.ClockJumped, node => node.Clock.Offset = TimeSpan.FromSeconds(_random.NextInt32(600) - 300));

    private void CompactHistory()
    {
        _cluster.Faults.Hit(ObjectFault.HistoryCompacted);
        _cluster.Metadata.Compact();
    }

    private void HoldWatch()
    {
        if (Any() is { Process: { } process } node)
        {
            _cluster.Note($"{ObjectFault.WatchHeldBack}: {node.Name}");
            _cluster.Faults.Hit(ObjectFault.WatchHeldBack);
            process.Membership.IsHeldBack = true;
            Later(() => process.Membership.IsHeldBack = false);
        }
    }

    private void RunLeasesOut() => _cluster.Metadata.RevokeAll();
}
