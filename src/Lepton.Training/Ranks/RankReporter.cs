using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Lepton.Core.Hashing;
using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>
/// Tells the launcher, from a thread of its own, what this rank is at, so that one that is dead, hangs or does
/// something else than the others can be named. Where the launcher that serves the store is gone, this rank ends, but
/// only after a while: its own may still be there, and what it fails of then has it hold its last step.
/// </summary>
internal sealed class RankReporter : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_orphanTimeMax = TimeSpan.FromSeconds(5);

    // A rank that does not wait is some collectives ahead when it is found out that it began another.
    private const int EarlierMax = 3;

    // A page holds that much of what each collective is of, beside the rest.
    private const int TensorsMax = 700;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly Store _store;
    private readonly StatePage? _page;
    private readonly string _key;
    private readonly int _rank;
    private readonly TimeProvider _time = TimeProvider.System;
    private Noted _last = new(new BegunCollective(0, "starting", ""), 0, TimeSpan.Zero);
    private long? _orphanedAt;
    private long _beat;
    private long _residentBytes;
    private ImmutableList<(string Name, ProcessGroup Group)> _groups = [];

    private RankReporter(Store store, int restart, int rank, string? pagePath)
    {
        _store = store;
        _page = pagePath is null ? null : new StatePage(pagePath);
        _key = RankState.Key(restart, rank);
        _rank = rank;
        _thread = new Thread(Report) { IsBackground = true, Name = "reports" };
    }

    public static RankReporter Start(Store store, int restart, int rank, string? pagePath)
    {
        var reporter = new RankReporter(store, restart, rank, pagePath);
        reporter._thread.Start();
        return reporter;
    }

    /// <summary>Notes that this rank joins the group.</summary>
    public void NoteJoining() => Note(new CollectiveInfo(0, "joining the group", _rank, ""));

    /// <summary>Notes what this rank begins; costs next to nothing. On one thread.</summary>
    public void Note(CollectiveInfo info) => Note(new Noted(
        new BegunCollective(info) { Tensors = info.Tensors.Length <= TensorsMax ? info.Tensors : Cut(info.Tensors) },
        _last.Entered + 1, TimeSpan.Zero)
    {
        Earlier = [_last.Begun, .. _last.Earlier.Take(EarlierMax - 1)],
    });

    /// <summary>Notes that the next collective may keep the others waiting. On the same thread.</summary>
    public void NoteWork(TimeSpan timeMax) => Note(_last with { Patience = timeMax });

    /// <summary>Notes that this rank leaves the group, and begins nothing more. On the same thread.</summary>
    public void NoteLeaving() => Note(_last with { HasLeft = true });

    /// <summary>Tells, from now on and until it is disposed of, how far this rank has come in a group.</summary>
    /// <param name="name">The same on each rank of the group, and no other group's; without spaces.</param>
    /// <param name="group">The group.</param>
    public void Watch(string name, ProcessGroup group) =>
        ImmutableInterlocked.Update(ref _groups, static (groups, added) => groups.Add(added), (name, group));

    /// <summary>Tells what was noted last, and ends.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _store.Dispose();
        _page?.Dispose();
        _stop.Dispose();
    }

    // The sum tells two apart that only differ in what is cut off.
    private static string Cut(string tensors) => string.Create(
        CultureInfo.InvariantCulture,
        $"{tensors.AsSpan(0, TensorsMax)}… and {tensors.Length - TensorsMax} characters more, " +
        $"{Crc32C.Compute(Encoding.UTF8.GetBytes(tensors)):x8}");

    private void Note(Noted noted)
    {
        Volatile.Write(ref _last, noted);
        _page?.Write(StateOf(noted, 0, []));
    }

    private void Report()
    {
        do
        {
            Tell();
        }
        while (!_stop.Wait(s_interval));

        Tell();
    }

    private void Tell()
    {
        _beat++;
        Volatile.Write(ref _residentBytes, Environment.WorkingSet);
        try
        {
            _store.Set(_key, StateOf(Volatile.Read(ref _last), _beat, GroupStates()).Encode());
            _orphanedAt = null;
        }
        catch (TorchException e)
        {
            if (_stop.IsSet)
            {
                return;
            }

            _orphanedAt ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(_orphanedAt.Value) > s_orphanTimeMax)
            {
                // A rank without its launcher would run on with nobody to end it.
                Console.Error.WriteLine($"rank {_rank}: the launcher is gone, so this rank ends: {e.Message}");
                ErrorFile.EndNow(RankExitCodes.Failed);
            }
        }
    }

    private List<GroupState> GroupStates()
    {
        var states = new List<GroupState>();
        foreach ((string Name, ProcessGroup Group) watched in _groups)
        {
            try
            {
                states.Add(new GroupState(watched.Name, watched.Group.Rank, watched.Group.Progress));
            }
            catch (ObjectDisposedException)
            {
                ImmutableInterlocked.Update(ref _groups, static (groups, gone) => groups.Remove(gone), watched);
            }
        }

        return states;
    }

    private RankState StateOf(Noted noted, long beat, IReadOnlyList<GroupState> groups) => new(
        _rank, beat, noted.Entered, noted.Begun.Sequence, noted.Begun.Operation, noted.Begun.Tensors,
        Environment.MachineName, (long)noted.Patience.TotalMilliseconds, Volatile.Read(ref _residentBytes),
        Lepton.Torch.Torch.LiveTensorCount, noted.HasLeft)
    {
        Groups = groups,
        Earlier = noted.Earlier,
    };

    // One object, so that the count and what it counts are always told together.
    private sealed record Noted(BegunCollective Begun, long Entered, TimeSpan Patience, bool HasLeft = false)
    {
        public IReadOnlyList<BegunCollective> Earlier { get; init; } = [];
    }
}
