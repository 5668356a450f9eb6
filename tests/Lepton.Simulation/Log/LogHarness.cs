using System.Buffers.Binary;
using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.Log;

/// <summary>
/// Drives a real log and a real store of snapshots on a simulated disk, as a node would, and knows what must be there.
/// All choices follow from the seed.
/// </summary>
internal sealed class LogHarness : IDisposable
{
    private static readonly SegmentedLogOptions s_options = new()
    {
        SegmentBytes = 32 << 10,
        ReserveBytes = 4096,
    };

    private readonly ulong _seed;
    private readonly SeededRandom _random;

    // Every state since the last one that is known to be durable, oldest first: after a crash the log has one of them.
    private readonly List<ModelState> _possible = [ModelState.Empty];

    // All entries ever written, by index: nothing else may ever be read.
    private readonly Dictionary<LogIndex, List<LogEntry>> _written = [];
    private ulong _nextData = 1;
    private long _term = 1;

    public LogHarness(ulong seed)
    {
        _seed = seed;
        _random = new SeededRandom(seed);
        Disk = new SimulatedDisk(seed + 1);
        Snapshots = SnapshotStore.Open(Disk, Identity);
        Log = SegmentedLog.Open(Disk, Identity, Snapshots.Latest, s_options);
    }

    public static LogIdentity Identity { get; } = new(0xC1, new NodeId(7));

    public SimulatedDisk Disk { get; }

    public SnapshotStore Snapshots { get; private set; }

    public SegmentedLog Log { get; private set; }

    public ModelState Latest => _possible[^1];

    public ModelState Synced => _possible[0];

    /// <summary>Something that a node might do.</summary>
    public void Step()
    {
        switch (_random.NextInt32(20))
        {
            case < 9:
                Append(truncate: false);
                break;
            case < 12:
                Append(truncate: true);
                break;
            case < 14:
                Write([], NextHardState());
                break;
            case < 19:
                Sync();
                break;
            default:
                TakeSnapshot();
                break;
        }
    }

    public void Sync()
    {
        Log.Sync();
        ModelState latest = Latest;
        _possible.Clear();
        _possible.Add(latest);
    }

    public void Append(bool truncate)
    {
        ModelState state = Latest;
        LogIndex from = state.Last;
        if (truncate && state.Last > state.HardState.Commit)
        {
            from = state.HardState.Commit + _random.NextInt64(state.Last - state.HardState.Commit + 1);
        }

        if (from < state.Last)
        {
            _term++;
        }

        Term term = new(_term);
        List<LogEntry> entries = [];
        int count = 1 + _random.NextInt32(_random.NextInt32(4) == 0 ? 12 : 3);
        for (int i = 0; i < count; i++)
        {
            from = from.Next;
            int length = _random.NextInt32(_random.NextInt32(8) == 0 ? 3000 : 400);
            entries.Add(new LogEntry(term, from, EntryKind.Command, NextData(length)));
        }

        HardState hard = _random.NextInt32(2) == 0
            ? state.HardState with { Term = term }
            : NextHardState() with { Term = new Term(_term) };
        Write(entries, hard.Commit > from ? hard with { Commit = from } : hard);
    }

    public void Write(IReadOnlyList<LogEntry> entries, HardState hardState)
    {
        foreach (LogEntry entry in entries)
        {
            if (!_written.TryGetValue(entry.Index, out List<LogEntry>? all))
            {
                all = [];
                _written[entry.Index] = all;
            }

            all.Add(entry);
        }

        _possible.Add(Latest.Append(entries, hardState));
        try
        {
            Log.Append(entries, hardState);
        }
        catch (DiskFullException)
        {
            _possible.RemoveAt(_possible.Count - 1);
            throw;
        }
    }

    public void TakeSnapshot()
    {
        ModelState state = Latest;
        bool ofAnother = _random.NextInt32(6) == 0;
        LogIndex index = ofAnother
            ? state.Last + 1 + _random.NextInt64(20)
            : state.HardState.Commit;
        if (index <= Log.Snapshot.Index || index.Value == 0)
        {
            return;
        }

        if (ofAnother)
        {
            _term++;
        }

        Term term = ofAnother ? new Term(_term) : state.TermAt(index);
        SnapshotMeta meta = WriteSnapshot(index, term);
        LogIndex keepFrom = index - Math.Min(index.Value, _random.NextInt32(30));
        Log.TakeSnapshot(meta, keepFrom);
        for (int i = 0; i < _possible.Count; i++)
        {
            _possible[i] = _possible[i].Behind(meta, Marker(meta));
        }
    }

    public SnapshotMeta WriteSnapshot(LogIndex index, Term term)
    {
        using SnapshotOutputStream writer = Snapshots.Create(index, term, ClusterMembership.Empty);
        writer.Write(NextData(_random.NextInt32(5000)).Span);
        return writer.Complete();
    }

    /// <summary>Opens everything anew, after a crash of the disk.</summary>
    public void Reopen()
    {
        Log.Dispose();
        Snapshots = SnapshotStore.Open(Disk, Identity);
        Log = SegmentedLog.Open(Disk, Identity, Snapshots.Latest, s_options);
    }

    /// <summary>The log must have one of the states that were possible, and no damage.</summary>
    public void CheckWhole()
    {
        Assert.True(Log.Damage is null, $"seed {_seed}: the log reports {Log.Damage} after a crash alone");
        SnapshotMeta snapshot = Snapshots.Latest;
        int found = _possible.FindIndex(
            state => Holds(state.Behind(snapshot, Marker(snapshot)), Log.HardState, Log.LastIndex));
        Assert.True(
            found >= 0,
            $"seed {_seed}: {Log.FirstIndex} to {Log.LastIndex}, {Log.HardState} is none of the {_possible.Count} " +
            $"states from {Synced.Last}, {Synced.HardState} to {Latest.Last}, {Latest.HardState}");
        Continue(_possible[found].Behind(snapshot, Marker(snapshot)));
    }

    /// <summary>
    /// The log may report damage, but nothing that was synced may be gone without it, and nothing may be there that was
    /// never written.
    /// </summary>
    public void CheckHonest()
    {
        if (Log.Damage is not { } damage)
        {
            CheckWhole();
            return;
        }

        ModelState synced = Synced.Behind(Snapshots.Latest, Marker(Snapshots.Latest));
        Assert.Equal(Log.LastIndex.Next, damage.FirstIndex);
        for (LogIndex index = Log.FirstIndex; index <= Log.LastIndex; index = index.Next)
        {
            LogEntry entry = Log.Read(index, index.Next, long.MaxValue)[0];
            Assert.True(
                _written[index].Exists(other => Same(other, entry)),
                $"seed {_seed}: entry {index} was never written as it is");
            ModelState? committed = _possible.Find(state => state.HardState.Commit >= index);
            if (index <= Log.HardState.Commit && committed?.At(index) is { } expected)
            {
                Assert.True(
                    Matches(expected, entry),
                    $"seed {_seed}: entry {index} is committed and another than it was");
            }
        }

        // Where the end itself is lost, nobody can know how far the log went; it must be said then.
        bool known = _possible.Exists(state =>
            state.HardState.Term == Log.HardState.Term
            && state.HardState.Vote == Log.HardState.Vote
            && state.Behind(Snapshots.Latest, Marker(Snapshots.Latest)).Last <= damage.LastIndex);
        Assert.True(
            known || damage.HardStateLost,
            $"seed {_seed}: {damage} with {Log.HardState} says too little: synced were {synced.Last}, " +
            $"{synced.HardState}");
    }

    /// <summary>A leader that has all that was synced sends what is missing.</summary>
    public void Repair()
    {
        LogDamage damage = Log.Damage!;
        ModelState leader = Synced.Behind(Snapshots.Latest, Marker(Snapshots.Latest));
        LogIndex match = Log.LastIndex < leader.Last ? Log.LastIndex : leader.Last;
        while (match > Log.Snapshot.Index && Log.TermOf(match) != leader.TermAt(match))
        {
            match = match.Previous;
        }

        _term++;
        List<LogEntry> entries = [];
        for (LogIndex index = match.Next; index <= leader.Last || index <= damage.LastIndex; index = index.Next)
        {
            entries.Add(leader.At(index) ?? new LogEntry(new Term(_term), index, EntryKind.NoOp, default));
        }

        List<LogEntry?> before = [.. leader.Entries.Take((int)match.Value)];
        _possible.Clear();
        _possible.Add(new ModelState(before, Log.HardState));
        Write(entries, new HardState(new Term(_term), NodeId.None, Log.HardState.Commit));
        Sync();
        if (damage.HardStateLost)
        {
            // How far the log went is not known: only what a leader of the term has committed proves that all is here.
            Assert.NotNull(Log.Damage);
            LogIndex last = Log.LastIndex;
            LogEntry[] own = [new LogEntry(new Term(_term), last.Next, EntryKind.NoOp, default)];
            Write(own, Log.HardState with { Commit = last.Next });
            Sync();
        }

        Assert.True(Log.Damage is null, $"seed {_seed}: {Log.Damage} is left although all was written again");
    }

    public void Dispose() => Log.Dispose();

    /// <summary>
    /// A random byte of a random file of the log or of a snapshot, somewhere in what was ever written.
    /// </summary>
    public void Rot()
    {
        List<string> names = [.. Disk.List().Where(name => name.EndsWith(".seg", StringComparison.Ordinal))];
        string name = names[_random.NextInt32(names.Count)];
        byte[] content = Disk.Content(name);
        int written = content.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        int sectors = Math.Max(1, written / SimulatedDisk.SectorBytes);
        if (_random.NextInt32(3) == 0)
        {
            Disk.Scribble(name, _random.NextInt32(sectors));
        }
        else
        {
            Disk.FlipBit(name, _random.NextInt32(Math.Max(1, written)), _random.NextInt32(8));
        }
    }

    public int Choose(int exclusiveMax) => _random.NextInt32(exclusiveMax);

    private static bool Same(LogEntry left, LogEntry right) =>
        left.Term == right.Term && left.Index == right.Index && left.Kind == right.Kind
        && left.Data.Span.SequenceEqual(right.Data.Span);

    private static LogEntry? Marker(SnapshotMeta meta) =>
        meta.Index.Value == 0 ? null : new LogEntry(meta.Term, meta.Index, EntryKind.NoOp, default);

    /// <summary>Of a snapshot's last entry the model may know the term alone, and nothing of those before it.</summary>
    private bool Matches(LogEntry expected, LogEntry entry) =>
        expected.Index == Log.Snapshot.Index && expected.Kind == EntryKind.NoOp
            ? expected.Term == entry.Term
            : Same(expected, entry);

    private bool Holds(ModelState state, HardState hardState, LogIndex last)
    {
        if (state.Last != last || state.HardState != hardState)
        {
            return false;
        }

        if (Log.TermOf(Log.FirstIndex.Previous) is null)
        {
            return false;
        }

        for (LogIndex index = Log.FirstIndex; index <= last;)
        {
            foreach (LogEntry entry in Log.Read(index, last.Next, 2000))
            {
                bool isKnown = state.At(index) is not null;
                if ((!isKnown && index >= Log.Snapshot.Index)
                    || (isKnown && !Matches(state.At(index)!, entry))
                    || Log.TermOf(index) != entry.Term)
                {
                    return false;
                }

                index = index.Next;
            }
        }

        return Log.FirstIndex <= Log.Snapshot.Index.Next;
    }

    private void Continue(ModelState state)
    {
        _possible.Clear();
        _possible.Add(state);
        _term = Math.Max(_term, state.HardState.Term.Value) + 1;
    }

    private HardState NextHardState()
    {
        ModelState state = Latest;
        if (_random.NextInt32(3) == 0)
        {
            _term++;
        }

        LogIndex commit = state.HardState.Commit;
        return new HardState(
            new Term(_term),
            new NodeId((ulong)_random.NextInt32(4)),
            commit + (_random.NextInt32(3) == 0 ? _random.NextInt64(state.Last - commit + 1) : 0));
    }

    private ReadOnlyMemory<byte> NextData(int length)
    {
        byte[] data = new byte[length];
        SeededRandom random = new(_nextData++);
        if (random.NextInt32(5) != 0)
        {
            for (int i = 0; i + 8 <= length; i += 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(i), random.NextUInt64());
            }
        }

        return data;
    }
}
