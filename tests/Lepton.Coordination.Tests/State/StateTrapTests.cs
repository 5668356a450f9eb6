using Google.Protobuf;
using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Core;
using Lepton.Raft;

namespace Lepton.Coordination.Tests.State;

/// <summary>Traps of the state; those of watches and of the leader's clock stand beside them.</summary>
public sealed class StateTrapTests
{
    [Fact]
    public void Trap07_AppliedIndex_IsInTheSnapshotAndCountsEachEntryOnce()
    {
        var state = SnapshotTests.Filled(10);
        var data = state.Snapshot();
        var restored = new CoordinationState();
        var early = state.Meta() with { Index = state.Applied.Previous };
        Assert.Throws<InvalidDataException>(() => restored.Restore(early, new MemoryStream(data)));
        restored.Restore(state.Meta(), new MemoryStream(data));
        Assert.Equal(state.Applied, restored.Applied);
        Assert.Throws<InvariantException>(() =>
            restored.Apply(state.Applied, Commands.Term, Commands.Put("k", "again").ToByteArray()));
        Assert.Equal(state.Store.Revision, restored.Store.Revision);
    }

    [Fact]
    public void Trap24_WaiterWhoseLeaseIsOver_LosesItsPlace()
    {
        // Two wait for a lock, each by a key that lives by a lease. The first one's lease ends: its key goes in the
        // same step, so that it is never first in the queue without a lease, and no key can be put by that lease any
        // more, nor renewed by its time.
        var state = new CoordinationState();
        state.Do(Commands.Grant(1));
        state.Do(Commands.Grant(2));
        state.Do(Commands.Put("lock/1", "", 1));
        state.Do(Commands.Put("lock/2", "", 2));
        state.Do(Commands.Expire(1, 1));
        var queue = state.Store.Range(new RangeQuery(new KeyRange("lock/"u8.ToArray(), "lock0"u8.ToArray()))
        {
            Order = RangeOrder.CreateRevision,
            LimitMax = 1,
        });
        Assert.Equal("lock/2"u8, Assert.Single(queue.Versions).Key);
        Assert.Equal(CommandFailure.LeaseNotFound, state.Do(Commands.Put("lock/1", "", 1)).Failure);
        var late = new RequestOp { RequestPut = Commands.PutRequest("lock/1", "", 1) };
        var txn = state.Do(Commands.Txn(t => t.Success.Add(late)));
        Assert.Equal(CommandFailure.LeaseNotFound, txn.Failure);
    }

    [Fact]
    public void Trap25_ExpiryDecidedByADeposedLeader_DoesNothing()
    {
        var state = new CoordinationState();
        state.Do(Commands.Grant(1));
        state.Do(Commands.Put("k", "", 1));
        state.Do(Commands.Expire(1, 1), term: new Term(2));
        Assert.NotNull(state.Leases.KeysOf(1));
        Assert.Equal(1, state.Store.LiveKeys);
        state.Do(Commands.Expire(2, 1), term: new Term(2));
        Assert.Null(state.Leases.KeysOf(1));
        Assert.Equal(0, state.Store.LiveKeys);
    }

    [Fact]
    public void Trap32_EverythingCompactedAway_KeepsTheRevision()
    {
        var state = SnapshotTests.Filled(10);
        state.Do(Commands.Delete("k", "l"));
        state.Do(Commands.Compact(12));
        state.EndBatch();
        state.Do(Commands.Put("z", ""));
        state.Do(Commands.Delete("z"));
        state.Do(Commands.Compact(14));
        state.EndBatch();
        var restored = new CoordinationState();
        restored.RestoreFrom(state);
        Assert.Equal((14, 14), (restored.Store.Revision, restored.Store.CompactedRevision));
        Assert.Equal(15, restored.Do(Commands.Put("k", "")).Revision);
        Assert.Equal(15, state.Do(Commands.Put("k", "")).Revision);
    }

    [Fact]
    public void Trap33_TxnAtACompactedRevision_FailsAlikeWhateverWasFreed()
    {
        var freed = SnapshotTests.Filled(10);
        var late = SnapshotTests.Filled(10);
        late.Store.TryPin(3, out var pin);
        var results = new[] { freed, late }.Select(state =>
        {
            state.Do(Commands.Compact(8));
            state.Prune(int.MaxValue);
            return state.Do(Commands.Txn(txn => txn.Success.AddRange(
                [Commands.PutOp("new", "1"), Commands.RangeOp("k0001", revision: 4), Commands.PutOp("new2", "1")])));
        }).ToList();
        pin!.Dispose();
        Assert.Equal(CommandFailure.Compacted, results[0].Failure);
        Assert.Equal(results[0], results[1]);
        Assert.Equal(freed.Snapshot(), late.Snapshot());
        Assert.Equal(10, freed.Store.LiveKeys);
    }

    [Fact]
    public void Trap34_Apply_TakesNothingFromThisNode()
    {
        // What differs between nodes: who observes leases, watches, pins, readers, memory freed. Nothing of it changes
        // a result.
        var one = new CoordinationState();
        var other = new CoordinationState(new Observer(), watchBufferChangesMax: 1);
        var commands = new RandomCommands(34);
        for (var i = 0; i < 400; i++)
        {
            var command = commands.Next();
            var result = one.Do(command);
            Assert.Equal(result, other.Do(command));
            commands.Revision = result.Revision;
            other.EndBatch();
        }

        Assert.Equal(one.Snapshot(), other.Snapshot());
    }

    [Fact]
    public void Trap35_Revoke_DeletesInOneWayOnAllVersions()
    {
        // Which revisions a revocation makes is part of the format of commands: a change of it diverges a cluster that
        // is half upgraded.
        var state = new CoordinationState();
        state.Do(Commands.Grant(1));
        foreach (var key in new[] { "b", "a", "\u00ff", "c" })
        {
            state.Do(Commands.Put(key, "", 1));
        }

        state.Do(Commands.Put("c", ""));
        state.Do(Commands.Revoke(1));
        List<KeyChange> changes = [];
        HistoryReader.Read(state.Store, KeyRange.All, 7, 7, changes, out _);
        Assert.Equal(
            [("a", 0), ("b", 1), ("\u00ff", 2)],
            changes.Select(c => (System.Text.Encoding.Latin1.GetString(c.Version.Key), c.Version.Sub)));
        Assert.Equal(7, state.Store.Revision);
        StateHash.Compute(state.Store, 0, out var hash, out _);
        Assert.Equal(GoldenHash, hash);
    }

    private const uint GoldenHash = 2548366857;

    [Fact]
    public void Trap35_CommandOfANewerVersion_StopsTheNode()
    {
        var state = new CoordinationState();
        foreach (byte[] command in new[] { new byte[] { 0xa2, 0x06, 0x00 }, [0xff] })
        {
            Assert.Throws<UnreadableCommandException>(() => state.Apply(new LogIndex(1), Commands.Term, command));
        }

        var newer = new Command { ClusterVersion = new ClusterVersion { Format = StateManifest.CommandFormatMax + 1 } };
        Assert.Throws<UnreadableCommandException>(() => state.Do(newer));
    }

    [Fact]
    public void Trap35_SnapshotOfANewerFormat_StopsTheNodeAndChangesNothing()
    {
        var newer = new CoordinationState(commandFormatMax: StateManifest.CommandFormatMax + 1);
        newer.Do(new Command { ClusterVersion = new ClusterVersion { Format = StateManifest.CommandFormatMax + 1 } });
        newer.Do(Commands.Put("a", "1"));
        var older = new CoordinationState();
        Assert.Throws<UnreadableCommandException>(
            () => older.Restore(newer.Meta(), new MemoryStream(newer.Snapshot())));
        Assert.Equal(1, older.Store.Revision);
    }

    [Fact]
    public void Trap36_HashThatCannotBeComputed_IsAFailureAndNoHash()
    {
        var state = SnapshotTests.Filled(10);
        state.Do(Commands.Compact(8));
        Assert.Equal(ReadFailure.Compacted, StateHash.Compute(state.Store, 7, out _, out _));
        Assert.Equal(ReadFailure.FutureRevision, StateHash.Compute(state.Store, 99, out _, out _));
        Assert.Equal(ReadFailure.None, StateHash.Compute(state.Store, 8, out var hash, out var compacted));
        Assert.Equal(8, compacted);
        var diverged = SnapshotTests.Filled(9);
        diverged.Do(Commands.Put("k0009", "value 8"));
        diverged.Do(Commands.Compact(8));
        StateHash.Compute(diverged.Store, 0, out var other, out _);
        StateHash.Compute(state.Store, 0, out hash, out _);
        Assert.NotEqual(hash, other);
    }

    private sealed class Observer : ILeaseObserver
    {
        public void Granted(long id, long ttlSeconds)
        {
        }

        public void Ended(long id)
        {
        }

        public void Replaced(LeaseTable leases)
        {
        }
    }
}
