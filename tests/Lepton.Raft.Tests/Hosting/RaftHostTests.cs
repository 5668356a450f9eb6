using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Hosting;

public sealed class RaftHostTests
{
    [Fact]
    public async Task SnapshotJob_SyncFails_StopsTheNode()
    {
        await using SingleHost single = new();
        single.Disk.OnSync = FaultyDisk.Failing(".tmp");
        await single.ProposeAsync();
        DiskFailedException fault = await Assert.ThrowsAsync<DiskFailedException>(() => single.StoppedAsync());
        Assert.Contains("could not be flushed", fault.Message, StringComparison.Ordinal);
        ConsensusException stopped = await Assert.ThrowsAsync<ConsensusException>(() => single.ProposeAsync());
        Assert.Contains(fault.Message, stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_SyncOfTheLogFails_AcknowledgesNothingAndStopsTheNode()
    {
        await using SingleHost single = new();
        await single.ProposeAsync();
        single.Disk.OnSync = static name =>
        {
            if (!name.StartsWith("snapshot-", StringComparison.Ordinal))
            {
                throw new DiskFailedException($"{name} could not be flushed: a fault of the test's.");
            }
        };
        ConsensusException refused = await Assert.ThrowsAsync<ConsensusException>(() => single.ProposeAsync());
        DiskFailedException fault = await Assert.ThrowsAsync<DiskFailedException>(() => single.StoppedAsync());
        Assert.Contains("could not be flushed", fault.Message, StringComparison.Ordinal);
        Assert.Contains(fault.Message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SnapshotJob_StateThrows_StopsTheNode()
    {
        await using SingleHost single = new();
        single.Machine.OnWriteSnapshot = () => throw new InvalidOperationException("A fault of the test's.");
        await single.ProposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => single.StoppedAsync());
    }

    [Fact]
    public async Task SnapshotJob_DiskFull_IsInTheStatusAndTheNodeGoesOn()
    {
        await using SingleHost single = new();
        single.Disk.OnWrite = FaultyDisk.Full(".tmp");
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        single.Host.StatusChanged += status =>
        {
            if (status.SnapshotFault is { } fault)
            {
                told.TrySetResult(fault);
            }
        };
        await single.ProposeAsync();
        Assert.Contains("finds no room", await told.Task.WaitAsync(SingleHost.Patience), StringComparison.Ordinal);
        await single.ProposeAsync();
    }

    /// <summary>A cluster of one, whose clock the test is.</summary>
    private sealed class SingleHost : TimeProvider, IPeerSender, IAsyncDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("lepton-host-").FullName;
        private readonly FileDisk _directory;
        private readonly SegmentedLog _log;
        private TimerCallback? _tick;
        private object? _ticked;

        public SingleHost()
        {
            _directory = FileDisk.OpenDirectory(_path);
            Disk = new FaultyDisk(_directory);
            LogIdentity identity = new(0xC1, new NodeId(1));
            SnapshotStore store = SnapshotStore.Open(Disk, identity);
            _log = SegmentedLog.Open(Disk, identity, SnapshotMeta.None);
            _log.Append(
                [Bootstrap.FirstEntry(MembershipChanger.OfVoters([RaftCluster.MemberOf(1)]))], Bootstrap.HardState);
            _log.Sync();
            RaftNodeOptions options = new()
            {
                Core = new RaftOptions { Id = new NodeId(1), Seed = 5 },
                SnapshotEveryBytesMin = 1000,
            };
            Host = new RaftHost(
                surroundings => new RaftNode(options, 7, _log, store, Machine, surroundings), this,
                TimeSpan.FromSeconds(1), this);
        }

        public FaultyDisk Disk { get; }

        public ListMachine Machine { get; } = new();

        public RaftHost Host { get; }

        /// <summary>How long a test waits for what must happen.</summary>
        public static TimeSpan Patience => TimeSpan.FromSeconds(30);

        /// <summary>Ends as the node does; a <see cref="TimeoutException"/> says that it did not.</summary>
        public Task StoppedAsync() => Host.Completion.WaitAsync(Patience);

        /// <summary>Proposes so much, once the node leads, that a snapshot is due.</summary>
        public async Task ProposeAsync()
        {
            while (!Host.Status.IsLeader && !Host.Completion.IsCompleted)
            {
                _tick!(_ticked);
                await Host.RunBetweenTurnsAsync(static () => 0);
            }

            await Host.ProposeAsync(new byte[2000], TestContext.Current.CancellationToken);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_tick, _ticked) = (callback, state);
            return new Timer();
        }

        public void Send(RaftMessage message)
        {
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _log.Dispose();
            _directory.Dispose();
            Directory.Delete(_path, recursive: true);
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
