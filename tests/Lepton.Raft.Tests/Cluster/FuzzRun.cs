using Lepton.Core.Randomness;
using Lepton.Raft.Core;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Cluster;

/// <summary>
/// A cluster under random faults: loss, doubling, reordering, partitions, crashes that leave what was synced, slow and
/// full disks, lost entries, compaction, changes of membership, transfers. Then all is healed, and it must go on.
/// </summary>
internal sealed class FuzzRun
{
    private const int NodesMax = 6;
    private readonly SeededRandom _random;
    private readonly RaftCluster _cluster;
    private readonly bool _damages;
    private readonly int _lossPercent;
    private ulong _proposals;
    private ulong _reads;
    private int _nodes;

    public FuzzRun(ulong seed)
    {
        _random = new SeededRandom(seed);
        _damages = seed % 4 == 3;
        _lossPercent = _random.NextInt32(12);
        _nodes = seed % 8 == 0 ? 1 : seed % 3 == 0 ? 5 : 3;
        _cluster = new RaftCluster(_nodes, new RaftOptions
        {
            Id = new NodeId(1),
            Seed = seed,
            ElectionTicks = 5,
            AppendBytesMax = 40 + (long)(seed % 100),
            InflightMessagesMax = 1 + (int)(seed % 5),
            SnapshotChunkBytes = 20,
            TailBytesMax = seed % 2 == 0 ? 0 : 1_000,
            LeaseReads = false,

            // Mostly off: safety must not rest on it.
            StrictReconfiguration = seed % 5 == 0,
            PromotionLagMax = 5,
        });
        _cluster.Checks.DemandsDurableQuorum = !_damages;
    }

    public void FaultPhase(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
        }
    }

    /// <summary>Everything works again: a command must be applied by every member in a bounded time.</summary>
    public void LivenessPhase()
    {
        _cluster.Heal();
        foreach (ClusterNode node in _cluster.Nodes)
        {
            node.IsDiskFull = false;
            if (!node.IsUp)
            {
                _cluster.Restart(node);
            }

            node.IsDiskSlow = false;
            while (node.Log.Unsynced > 0)
            {
                node.Sync();
            }

            node.Core.DiskSpaceBack();
            node.Settle();
        }

        const int TicksMax = 400;
        for (int tick = 0; tick < TicksMax; tick++)
        {
            _cluster.TickAll();
            if (tick % 20 == 19 && Leader() is { } leader)
            {
                leader.Core.Propose(++_proposals, new byte[] { 1 });
                leader.Settle();
                _cluster.DeliverAll();
                ClusterNode[] members = [.. _cluster.Nodes.Where(
                    node => leader.Core.Membership.Members.Any(member => member.Id == node.Id))];
                if (members.All(node => node.Applied == leader.Core.LastIndex && node.StateHash == leader.StateHash
                    && !node.Core.IsDamaged))
                {
                    return;
                }
            }
        }

        throw new SafetyException(
            "liveness: a whole cluster did not get a command to all its members\n" +
            string.Join("\n", _cluster.Nodes.Select(node => node.Describe())));
    }

    private ClusterNode? Leader() => _cluster.Nodes.Where(node => node.IsUp && node.Role == RaftRole.Leader)
        .OrderByDescending(node => node.Core.Term).FirstOrDefault();

    private ClusterNode Any() => _cluster.Nodes[_random.NextInt32(_cluster.Nodes.Count)];

    private void Step()
    {
        switch (_random.NextInt32(100))
        {
            case < 40:
                DeliverSome();
                break;
            case < 60:
                _cluster.Tick(Any());
                break;
            case < 75:
                Propose();
                break;
            case < 83:
                Read();
                break;
            case < 88:
                CrashOrStart();
                break;
            case < 91:
                Partition();
                break;
            case < 94:
                Disk();
                break;
            case < 96:
                Compact();
                break;
            default:
                Operate();
                break;
        }
    }

    private void DeliverSome()
    {
        List<RaftMessage> network = _cluster.Network;
        for (int i = _random.NextInt32(1, 12); i > 0 && network.Count > 0; i--)
        {
            // Mostly in order, sometimes not.
            int place = _random.NextInt32(3) == 0 ? _random.NextInt32(network.Count) : 0;
            RaftMessage message = network[place];
            int fate = _random.NextInt32(100);
            if (fate >= 3)
            {
                network.RemoveAt(place);
            }

            if (fate < 100 - _lossPercent)
            {
                _cluster.Deliver(message);
            }
        }

        if (network.Count > 300)
        {
            network.RemoveRange(0, 100);
        }
    }

    private void Propose()
    {
        ClusterNode node = _random.NextInt32(3) > 0 ? Leader() ?? Any() : Any();
        for (int i = _random.NextInt32(1, 6); node.IsUp && i > 0; i--)
        {
            byte[] command = new byte[_random.NextInt32(1, 60)];
            BitConverter.TryWriteBytes(command, (uint)++_proposals);
            node.Core.Propose(_proposals, command);
        }

        Settle(node);
    }

    private void Read()
    {
        ClusterNode node = Any();
        if (node.IsUp)
        {
            node.Read(++_reads);
            Settle(node);
        }
    }

    private void CrashOrStart()
    {
        ClusterNode node = Any();
        if (!node.IsUp)
        {
            _cluster.Restart(node);
        }
        else if (_cluster.Nodes.Count(other => !other.IsUp) <= _nodes / 2)
        {
            node.Crash();
            bool othersAreWhole = _cluster.Nodes.All(other => other.Log.Damage is null);
            if (_damages && othersAreWhole && _nodes > 1 && node.Log.LastIndex > node.Log.Snapshot.Index)
            {
                node.Log.Lose(
                    node.Log.Snapshot.Index.Next
                        + _random.NextInt64(node.Log.LastIndex - node.Log.Snapshot.Index),
                    loseHardState: _random.NextInt32(2) == 0);
            }
        }
    }

    private void Partition()
    {
        _cluster.Heal();
        switch (_random.NextInt32(4))
        {
            case 0:
                _cluster.Isolate((int)Any().Id.Value);
                break;
            case 1:
                _cluster.Cut((int)Any().Id.Value, (int)Any().Id.Value);
                break;
            case 2:
                _cluster.CutBoth((int)Any().Id.Value, (int)Any().Id.Value);
                break;
        }
    }

    private void Disk()
    {
        ClusterNode node = Any();
        if (!node.IsUp)
        {
            return;
        }

        if (node.IsDiskFull)
        {
            node.IsDiskFull = false;
            node.Core.DiskSpaceBack();
            Settle(node);
        }
        else if (node.IsDiskSlow)
        {
            for (int i = _random.NextInt32(3); i >= 0; i--)
            {
                node.Sync();
            }

            node.IsDiskSlow = _random.NextInt32(3) > 0;
        }
        else if (_random.NextInt32(4) == 0)
        {
            node.IsDiskFull = true;
        }
        else
        {
            node.IsDiskSlow = true;
        }
    }

    private void Compact()
    {
        ClusterNode node = Any();
        if (node.IsUp && node.Log.Unsynced == 0)
        {
            node.Compact(_random.NextInt32(4));
        }
    }

    private void Operate()
    {
        if (Leader() is not { } leader)
        {
            return;
        }

        IReadOnlyList<NodeId> ids = [.. leader.Core.Membership.Members.Select(member => member.Id)];
        NodeId id = ids.Count == 0 ? leader.Id : ids[_random.NextInt32(ids.Count)];
        switch (_random.NextInt32(6))
        {
            case 0 when _cluster.Nodes.Count < NodesMax:
                int added = ++_nodes;
                ClusterNode joining = _cluster.AddNode(added);
                Member member = RaftCluster.MemberOf(added);
                leader.Core.ChangeMembership(++_proposals, _random.NextInt32(2) == 0
                    ? new MembershipChange.AddLearner(member) : new MembershipChange.AddVoter(member));
                Settle(joining);
                break;
            // Without the one that lost entries, a membership of two could not elect anybody: no fault to recover from.
            case 1 when leader.Core.Membership.Voters.Count > 2 && !_damages:
                leader.Core.ChangeMembership(++_proposals, new MembershipChange.Remove(id));
                break;
            case 2:
                leader.Core.ChangeMembership(++_proposals, new MembershipChange.Promote(id));
                break;
            default:
                leader.Core.TransferLeadership(id);
                break;
        }

        Settle(leader);
    }

    private static void Settle(ClusterNode node)
    {
        if (node.IsUp)
        {
            node.Settle();
        }
    }
}
