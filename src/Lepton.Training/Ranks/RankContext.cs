using System.Globalization;
using System.Runtime.InteropServices;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Checkpoints;
using Lepton.Training.Parallelism;

namespace Lepton.Training.Ranks;

/// <summary>
/// A process's place among the ranks of a training. <see cref="Join(string, TimeSpan?)"/> once, first of all, and
/// dispose of it at the end: started by <c>lepton train</c> it meets the other ranks, started by itself it is the only
/// one.
/// </summary>
public sealed class RankContext : IDisposable
{
    private static readonly TimeSpan s_meetingTimeMax = TimeSpan.FromMinutes(2);
    private readonly RankEnvironment _environment;
    private readonly PosixSignalRegistration[] _signals;
    private readonly TimeSpan _timeout;
    private readonly ProcessGroup? _group;
    private readonly Store? _store;
    private readonly RankReporter? _reporter;
    private int _stopRequested;
    private int _trainings;

    private RankContext(RankEnvironment environment, TimeSpan timeout, string device)
    {
        _environment = environment;
        _timeout = timeout;
        Device = RankDevice.Of(device, environment);
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, RequestStop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, RequestStop),
        ];
        if (environment.Size == 1)
        {
            return;
        }

        string prefix = $"{environment.RunId}/{environment.RestartCount}";
        using Store root = Connect(isServer: !environment.HasLauncherStore && environment.Rank == 0);
        _store = root.WithPrefix(prefix);
        _reporter = environment.HasLauncherStore
            ? RankReporter.Start(
                Connect(isServer: false), environment.RestartCount, environment.Rank,
                Environment.GetEnvironmentVariable(StatePage.Variable))
            : null;
        _reporter?.NoteJoining();
        if (device == RankDevice.Auto)
        {
            Device = RankDevice.Agree(
                _store, Rank, Size, timeout, () => RankDevice.Gpu(environment), Console.Error.WriteLine);
        }

        using Store groupStore = root.WithPrefix(prefix + "/group");
        _group = ProcessGroup.Gloo(groupStore, environment.Rank, environment.Size, GroupOptions);
        _group.OnStart = _reporter is null ? null : _reporter.Note;
        _reporter?.Watch(RankState.AllRanks, _group);
    }

    /// <summary>This rank, from 0.</summary>
    public int Rank => _environment.Rank;

    /// <summary>How many ranks there are.</summary>
    public int Size => _environment.Size;

    /// <summary>This rank among those of its machine; which GPU is its own.</summary>
    public int LocalRank => _environment.LocalRank;

    /// <summary>This machine among those of the training, from 0.</summary>
    internal int Machine => _environment.GroupRank;

    /// <summary>
    /// Where this rank trains: the CPU, or <c>cuda:</c> and its <see cref="LocalRank"/>. Models are moved there by
    /// their owner.
    /// </summary>
    public Device Device { get; }

    /// <summary>How often the launcher has started the ranks again.</summary>
    public int RestartCount => _environment.RestartCount;

    /// <summary>The ranks as c10d knows them; null for a single one.</summary>
    public ProcessGroup? Group => _group;

    /// <summary>Whether SIGTERM or Ctrl-C came to this rank; the trainer saves and ends then, on all ranks.</summary>
    public bool IsStopRequested => Volatile.Read(ref _stopRequested) != 0;

    /// <summary>Meets the other ranks, to train on the processors; returns when all are there.</summary>
    /// <inheritdoc cref="Join(string, TimeSpan?)"/>
    public static RankContext Join(TimeSpan? timeout = null) => Join(RankDevice.Cpu, timeout);

    /// <summary>Meets the other ranks, to train where they shall; returns when all are there.</summary>
    /// <remarks>
    /// The environment variable <c>LEPTON_SEND_BYTES_PER_SECOND_MAX</c>, the same for all ranks, has each send no
    /// faster than that over Gloo (see <see cref="ProcessGroupOptions.SendBytesPerSecondMax"/>): to try what a slow
    /// link costs.
    /// </remarks>
    /// <param name="device">
    /// <c>cpu</c>; <c>cuda</c>: each rank on a GPU of its own, whose tensors go over NCCL; <c>auto</c>: <c>cuda</c>
    /// where each rank has a GPU, else <c>cpu</c> for all, with a line that says who has none. The same for all ranks.
    /// </param>
    /// <param name="timeout">How long the others may take for a collective; 5 minutes by default.</param>
    /// <exception cref="ArgumentException">The environment is not as a launcher makes it.</exception>
    /// <exception cref="RankDeviceException">There is no such device, or none for this rank.</exception>
    /// <exception cref="TorchLibraryException">The native library is missing; the message says how to get
    /// it.</exception>
    /// <exception cref="CollectiveException">Not all ranks came.</exception>
    public static RankContext Join(string device, TimeSpan? timeout = null)
    {
        RankEnvironment environment = RankEnvironment.Read(Environment.GetEnvironmentVariable);
        ErrorFile.Install(environment);
        TorchLibrary.Require();
        return new RankContext(environment, timeout ?? TimeSpan.FromMinutes(5), device);
    }

    /// <summary>
    /// Says that this rank has work to do alone, such as reading data or writing a file, so that it is not taken to
    /// hang while the others wait for it in their next collective. Holds until this rank begins its own next one.
    /// </summary>
    /// <param name="time">How long that may take at most, from now on; 0 or more.</param>
    public void MayTake(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        _reporter?.NoteWork(time);
    }

    /// <summary>Leaves the group; the others can't go on without this rank.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        // Those that wait for this rank lose it now, and why is to be known by then.
        _reporter?.NoteLeaving();
        _group?.Dispose();
        _reporter?.Dispose();
        _store?.Dispose();
    }

    /// <summary>How these ranks share the work on a model by default: each a part of its batches.</summary>
    internal IParallelism ShareBatches() =>
        _group is null ? new SingleProcess() : new DistributedDataParallel(_group);

    /// <summary>
    /// Where this machine's ranks hold the last step of their next training; null where no launcher gave a place. A
    /// program that starts again has its trainings in the same order.
    /// </summary>
    internal HeldSteps? NextHeldSteps() => _group is not null && _environment.HoldFolder is { } folder
        ? new HeldSteps(Path.Combine(folder, (_trainings++).ToString(CultureInfo.InvariantCulture)))
        : null;

    /// <summary>Where ranks wait for each other's checkpoints.</summary>
    internal ICheckpointMeeting MeetForCheckpoints()
    {
        if (Size == 1)
        {
            return new LoneMeeting();
        }

        using Store root = Connect(isServer: false);
        return new StoreMeeting(
            root.WithPrefix($"{_environment.RunId}/{_environment.RestartCount}"), Rank, Size);
    }

    /// <summary>Meets some of the ranks in a group of their own, which the caller disposes of.</summary>
    /// <param name="name">The group's name, the same on each of them and no other group's; without spaces.</param>
    /// <param name="rank">This rank's place in it.</param>
    /// <param name="size">How many they are.</param>
    internal ProcessGroup JoinGroup(string name, int rank, int size)
    {
        Note(0, "joining a group", "");
        using Store store = _store!.WithPrefix(name);
        ProcessGroup group = ProcessGroup.Gloo(store, rank, size, GroupOptions with { Name = name });
        _reporter?.Watch(name, group);
        return group;
    }

    /// <summary>Notes for the launcher what this rank begins, as all others do.</summary>
    internal void Note(long sequence, string what, string of) =>
        _reporter?.Note(new CollectiveInfo(sequence, what, Rank, of));

    private ProcessGroupOptions GroupOptions => new()
    {
        Timeout = _timeout,
        Host = HostOf(_environment),
        SendBytesPerSecondMax = _environment.SendBytesPerSecondMax,
        UsesNccl = Device.Kind == DeviceKind.Cuda,
    };

    private static string? HostOf(RankEnvironment environment) => environment.HostAddress ??
        (environment.MasterAddress is "127.0.0.1" or "localhost" ? "127.0.0.1" : null);

    private Store Connect(bool isServer) =>
        Store.Tcp(_environment.MasterAddress, _environment.MasterPort, isServer, timeout: s_meetingTimeMax);

    private void RequestStop(PosixSignalContext context)
    {
        // A rank that waits for others to join has nothing to save, and no look at what is requested: it ends.
        context.Cancel = _group is not null || Size == 1;
        Volatile.Write(ref _stopRequested, 1);
    }
}
