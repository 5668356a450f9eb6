using System.Collections.Immutable;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Simulation.World;

/// <summary>A node's state, with all that is applied to it, and what that changed, told to the truth.</summary>
internal sealed class ObservedMachine(CoordinationState state, SimulatedNode node, SimulatedCluster cluster)
    : IStateMachine
{
    public object? Apply(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        cluster.Truth.Applies(node.Id, index, term, command.Span);
        if (cluster.Scenario.Upgrades && node.FormatMax < FormatUpgrade.Next)
        {
            Command parsed = Command.Parser.ParseFrom(command.Span);
            ClusterTruth.Demand(parsed.Id < FormatUpgrade.Next, "format",
                $"{node.Id} reads formats up to {node.FormatMax} and is given a command of format {parsed.Id} at " +
                $"{index}");
        }

        uint format = state.Manifest.CommandFormat;
        ImmutableSortedDictionary<long, long> leases = state.Leases.TtlSeconds;
        object? result = state.Apply(index, term, command);
        if (state.Manifest.CommandFormat != format)
        {
            cluster.Faults.Hit(Fault.FormatRaised);
        }

        if (!ReferenceEquals(leases, state.Leases.TtlSeconds))
        {
            TellEnded([.. leases.Keys.Where(lease => !state.Leases.Contains(lease))], command);
        }

        TellChanges();
        return result;
    }

    public void MembershipCommitted(LogIndex index, ClusterMembership membership) =>
        state.MembershipCommitted(index, membership);

    public void BatchApplied(LogIndex lastApplied) => state.BatchApplied(lastApplied);

    public IStateSnapshot CaptureSnapshot() => state.CaptureSnapshot();

    public void Restore(SnapshotMeta meta, Stream data)
    {
        state.Restore(meta, data);
        if (node.IsRunning)
        {
            cluster.Faults.Hit(Fault.SnapshotInstalled);
        }
    }

    /// <summary>Leases have ended: the keys that lived by them must have gone in the same step.</summary>
    private void TellEnded(long[] leases, ReadOnlyMemory<byte> command)
    {
        if (leases.Length == 0)
        {
            return;
        }

        IReadOnlyList<KeyValue> places = SimulatedLocker.PlacesIn(state.Store);
        bool ranOut = Command.Parser.ParseFrom(command.Span).RequestCase == Command.RequestOneofCase.LeaseExpire;
        foreach (long lease in leases)
        {
            ClusterTruth.Demand(places.All(place => place.Lease != lease), "leases",
                $"at {node.Id} the lease {lease} has ended and keys still live by it");
            cluster.Faults.Hit(ranOut ? Fault.LeaseRanOut : Fault.LeaseRevoked);
            if (ranOut)
            {
                cluster.Leases.RanOut(lease);
            }
        }
    }

    private void TellChanges()
    {
        long from = cluster.Truth.LastRevision + 1;
        if (state.Store.Revision >= from)
        {
            List<KeyChange> changes = [];
            ReadFailure failure = HistoryReader.Read(
                state.Store, KeyRange.All, from, state.Store.Revision, changes, out _);
            ClusterTruth.Demand(failure == ReadFailure.None, "history",
                $"{node.Id} can't tell what has just changed at revision {from}: {failure}");
            cluster.Truth.Changes(changes, state.Store.Revision);
        }
    }
}
