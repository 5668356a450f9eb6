using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Raft;

namespace Lepton.Coordination.Tests.State;

public sealed class SnapshotTests
{
    [Fact]
    public void WriteTo_WhileCommandsGoOn_HoldsTheCapturedState()
    {
        var state = Filled(2000);
        state.Do(Commands.Compact(900));
        state.Do(Commands.Grant(5));
        state.Do(Commands.Put("leased", "x", 5));
        StateHash.Compute(state.Store, 0, out var hash, out _);
        var applied = state.Applied;
        var meta = state.Meta();
        using var snapshot = state.CaptureSnapshot();
        var data = new BusyStream(() =>
        {
            // Each write of the snapshot is followed by more than it has left to write.
            state.Do(Commands.Delete("k", "k1"));
            state.Do(Commands.Put("k0000", "later"));
            state.Do(Commands.Compact(state.Store.Revision));
            state.Do(Commands.Revoke(5));
            state.EndBatch();
        });
        snapshot.WriteTo(data, CancellationToken.None);
        var restored = new CoordinationState();
        restored.Restore(meta, new MemoryStream(data.ToArray()));
        Assert.Equal(applied, restored.Applied);
        StateHash.Compute(restored.Store, 0, out var again, out var compacted);
        Assert.Equal((hash, 900), (again, compacted));
        Assert.Equal(2002, restored.Store.Revision);
        Assert.Equal(["leased"u8.ToArray()], restored.Leases.KeysOf(5)!);
    }

    [Fact]
    public void WriteTo_OnAnotherThread_IsNotDisturbed()
    {
        var state = Filled(3000);
        StateHash.Compute(state.Store, 0, out var hash, out _);
        var meta = state.Meta();
        using var snapshot = state.CaptureSnapshot();
        using var data = new MemoryStream();
        using var begun = new Barrier(2);
        var writer = new Thread(() =>
        {
            begun.SignalAndWait();
            snapshot.WriteTo(data, CancellationToken.None);
        });
        writer.Start();
        begun.SignalAndWait();
        for (var i = 0; i < 3000; i++)
        {
            state.Do(i % 2 == 0 ? Commands.Delete($"k{i:d4}") : Commands.Put($"k{i:d4}", "later"));
            state.Do(Commands.Compact(state.Store.Revision));
            state.EndBatch();
        }

        writer.Join();
        data.Position = 0;
        var restored = new CoordinationState();
        restored.Restore(meta, data);
        StateHash.Compute(restored.Store, 0, out var again, out _);
        Assert.Equal(hash, again);
    }

    [Fact]
    public void Restore_EverythingElse_ComesBack()
    {
        var state = new CoordinationState();
        state.Do(Commands.Alarm(AlarmRequest.Types.AlarmAction.Activate, AlarmType.Nospace, 9));
        var attributes = new MemberAttributes { MemberId = 3, ClientUrls = { "http://c:1", "http://c:2" } };
        state.Do(new Command { MemberAttributes = attributes });
        state.Do(new Command { ClusterVersion = new ClusterVersion { Format = 1 } });
        var restored = new CoordinationState();
        restored.RestoreFrom(state);
        Assert.Equal(state.Manifest.Alarms, restored.Manifest.Alarms);
        Assert.Equal(["http://c:1", "http://c:2"], restored.Manifest.ClientUrls[3]);
        Assert.Equal(state.Snapshot(), restored.Snapshot());
    }

    [Fact]
    public void Restore_DamagedAnywhere_IsRefusedAndChangesNothing()
    {
        var data = Filled(300).Snapshot();
        var state = Filled(5);
        var before = state.Snapshot();
        var meta = SnapshotMeta.None with { Index = new LogIndex(1000) };
        for (var at = 0; at < data.Length; at += 97)
        {
            var damaged = data.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => state.Restore(meta, new MemoryStream(damaged)));
            Assert.Throws<InvalidDataException>(() => state.Restore(meta, new MemoryStream(data, 0, at)));
        }

        Assert.Equal(before, state.Snapshot());
    }

    [Fact]
    public void Restore_NewerFormat_SaysSo()
    {
        var data = Filled(1).Snapshot();
        data[7]++;
        var state = new CoordinationState();
        var e = Assert.Throws<InvalidDataException>(() => state.Restore(SnapshotMeta.None, new MemoryStream(data)));
        Assert.Contains("another version's format (lptkv-02)", e.Message);
    }

    internal static CoordinationState Filled(int keys)
    {
        var state = new CoordinationState();
        for (var i = 0; i < keys; i++)
        {
            state.Do(Commands.Put($"k{i:d4}", $"value {i}"));
        }

        state.EndBatch();
        return state;
    }

    private sealed class BusyStream(Action meanwhile) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            meanwhile();
            base.Write(buffer);
        }
    }
}
