using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.State;
using Lepton.Coordination.Watch;
using Lepton.Core.Randomness;
using Lepton.Raft;

namespace Lepton.Coordination.Tests.Store;

/// <summary>Measures in time of the processor; run by hand, with <c>-explicit only</c>.</summary>
public sealed class StoreSpeed(ITestOutputHelper output)
{
    private const int Keys = 1_000_000;

    [Fact(Explicit = true)]
    public void MillionKeys_PutReadSnapshotRestore_TakeSoLong()
    {
        var state = new CoordinationState();
        var random = new SeededRandom(1);
        var commands = new byte[Keys][];
        for (var i = 0; i < Keys; i++)
        {
            var key = new byte[256];
            "/registry/pods/default/"u8.CopyTo(key);
            BitConverter.TryWriteBytes(key.AsSpan(30), random.NextUInt64());
            commands[i] = new Command
            {
                Put = new PutRequest { Key = ByteString.CopyFrom(key), Value = ByteString.CopyFrom(new byte[256]) },
            }.ToByteArray();
        }

        var before = GC.GetTotalMemory(true);
        var watch = CpuWatch.StartNew();
        for (var i = 0; i < Keys; i++)
        {
            state.Apply(new LogIndex(i + 1), new Term(1), commands[i]);
        }

        var put = watch.Elapsed.TotalMicroseconds / Keys;
        watch.Restart();
        foreach (var command in commands)
        {
            Command.Parser.ParseFrom(command);
        }

        var parse = watch.Elapsed.TotalMicroseconds / Keys;
        output.WriteLine($"put of a new key {put:f2} us, of which parsing {parse:f2} us");
        output.WriteLine($"{(GC.GetTotalMemory(true) - before) / (double)Keys:f1} managed bytes a key");
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        watch.Restart();
        for (var i = 0; i < 200_000; i++)
        {
            state.Apply(new LogIndex(Keys + i + 1), new Term(1), commands[i * 5]);
            state.BatchApplied(new LogIndex(Keys + i + 1));
        }

        output.WriteLine($"put of an old key {watch.Elapsed.TotalMicroseconds / 200_000:f2} us, "
            + $"{(GC.GetAllocatedBytesForCurrentThread() - allocated) / 200_000} bytes allocated");
        Reads(state, commands);
        Snapshot(state);
        Compaction(state);
    }

    [Fact(Explicit = true)]
    public void ThousandWatchers_OneKey_TakeSoLong()
    {
        var state = new CoordinationState();
        var sink = new Sink();
        var key = new KeyRange("k"u8.ToArray());
        var watchers = Enumerable.Range(0, 1000)
            .Select(_ => state.Watches.Add(new WatchOptions(key), sink, out var _)).ToList();
        for (var round = 0; round < 5; round++)
        {
            watchers.ForEach(watcher => state.Watches.Read(watcher));
            state.Do(Commands.Put("k", $"{round}"));
            var watch = CpuWatch.StartNew();
            state.EndBatch();
            var published = watch.Elapsed.TotalMicroseconds;
            watchers.ForEach(watcher => state.Watches.Read(watcher));
            output.WriteLine($"publish {published:f0} us, with 1,000 reads {watch.Elapsed.TotalMicroseconds:f0} us");
        }
    }

    private void Reads(CoordinationState state, byte[][] commands)
    {
        var watch = CpuWatch.StartNew();
        for (var i = 0; i < 200_000; i++)
        {
            state.Store.Range(new RangeQuery(new KeyRange(Command.Parser.ParseFrom(commands[i]).Put.Key.Memory)));
        }

        output.WriteLine($"get {watch.Elapsed.TotalMicroseconds / 200_000:f2} us with parsing");
        watch.Restart();
        var count = state.Store.Range(new RangeQuery(KeyRange.All) { CountOnly = true }).Count;
        output.WriteLine($"count of {count}: {watch.Elapsed.TotalMicroseconds:f1} us");
        watch.Restart();
        state.Store.Range(new RangeQuery(KeyRange.All));
        output.WriteLine($"range of all {watch.Elapsed.TotalMilliseconds:f0} ms");
        watch.Restart();
        StateHash.Compute(state.Store, 0, out _, out _);
        output.WriteLine($"hash of all {watch.Elapsed.TotalMilliseconds:f0} ms");
    }

    private void Snapshot(CoordinationState state)
    {
        var watch = CpuWatch.StartNew();
        using var snapshot = state.CaptureSnapshot();
        output.WriteLine($"capture {watch.Elapsed.TotalMicroseconds:f0} us");
        using var data = new MemoryStream(1_100_000_000);
        watch.Restart();
        snapshot.WriteTo(data, CancellationToken.None);
        output.WriteLine($"write {watch.Elapsed.TotalMilliseconds:f0} ms, {data.Length >> 20} MiB");
        data.Position = 0;
        watch.Restart();
        new CoordinationState().Restore(state.Meta(), data);
        output.WriteLine($"restore {watch.Elapsed.TotalMilliseconds:f0} ms");
    }

    private void Compaction(CoordinationState state)
    {
        state.Do(Commands.Compact(state.Store.Revision));
        var watch = CpuWatch.StartNew();
        state.Prune(2048);
        output.WriteLine($"first prune of 2,048 {watch.Elapsed.TotalMicroseconds:f0} us");
        while (state.Prune(2048))
        {
        }

        output.WriteLine($"prune of all {watch.Elapsed.TotalMilliseconds:f0} ms");
    }

    private sealed class Sink : IWatchSink
    {
        public void Ready(Watcher watcher)
        {
        }
    }

    /// <summary>Counts the time that the processors gave this process, so that a busy machine does not spoil
    /// it.</summary>
    private sealed class CpuWatch
    {
        private TimeSpan _started = Environment.CpuUsage.TotalTime;

        public TimeSpan Elapsed => Environment.CpuUsage.TotalTime - _started;

        public static CpuWatch StartNew() => new();

        public void Restart() => _started = Environment.CpuUsage.TotalTime;
    }
}
