using Lepton.Core.Randomness;
using Lepton.Raft.Disk;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Disk;

/// <summary>
/// A directory in memory that behaves as badly as a real one may: what was not synced is lost or torn in a crash,
/// sector by sector; names come and go until the directory is synced; and faults happen on demand. Everything follows
/// from the seed and the calls. Used by one thread.
/// </summary>
public sealed class SimulatedDisk : IDisk
{
    public const int SectorBytes = 512;
    private readonly SeededRandom _random;
    private readonly List<NameChange> _changes = [];
    private SortedDictionary<string, SimulatedInode> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, SimulatedInode> _durableNames = new(StringComparer.Ordinal);

    public SimulatedDisk(ulong seed, string path = "/simulated")
    {
        _random = new SeededRandom(seed);
        Path = path;
    }

    public string Path { get; }

    /// <summary>What may go wrong from now on.</summary>
    public DiskFaultPlan Faults { get; set; } = new();

    /// <summary>Bytes that all files together may have.</summary>
    public long QuotaBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes that all files have.</summary>
    public long UsedBytes => _names.Values.Distinct().Sum(inode => inode.Length);

    /// <summary>After how many more calls that change something the power is lost; null for never.</summary>
    public int? CallsUntilPowerLoss { get; set; }

    /// <summary>Grows with each crash; files that were opened before are dead.</summary>
    public int Generation { get; private set; }

    /// <summary>Writes, syncs and directory syncs so far.</summary>
    public int Writes { get; private set; }

    public int Syncs { get; private set; }

    public int DirectorySyncs { get; private set; }

    /// <summary>What happened, in order, where it is wanted: to see that one thing came before another.</summary>
    public List<string>? Trace { get; set; }

    /// <summary>How long a sync takes at most, in microseconds; it blocks whoever asks for it.</summary>
    public int SyncUsMax { get; set; }

    /// <summary>How long the syncs have taken since <see cref="TakeSpentUs"/> was last asked.</summary>
    public long SpentUs { get; private set; }

    /// <summary>Where faults that strike are counted.</summary>
    internal FaultCounts Counts { get; init; } = new();

    internal SeededRandom Random => _random;

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IDiskFile Create(string name, long bytes)
    {
        if (_names.ContainsKey(name))
        {
            throw new DiskFailedException($"{Path}/{name} is there already.");
        }

        Spend();
        CheckRoom(bytes, name);
        SimulatedInode inode = new();
        inode.SetLength(bytes);
        _names[name] = inode;
        _changes.Add(new NameChange(null, name, inode));
        Trace?.Add($"create {name}");
        return new SimulatedFile(this, inode, name);
    }

    public IDiskFile Open(string name) =>
        _names.TryGetValue(name, out SimulatedInode? inode)
            ? new SimulatedFile(this, inode, name)
            : throw new DiskFailedException($"{Path}/{name} is not there.");

    public void Rename(string from, string to)
    {
        Spend();
        SimulatedInode inode = _names[from];
        _names.Remove(from);
        _names[to] = inode;
        _changes.Add(new NameChange(from, to, inode));
        Trace?.Add($"rename {from} {to}");
    }

    public void Delete(string name)
    {
        Spend();
        SimulatedInode inode = _names[name];
        _names.Remove(name);
        _changes.Add(new NameChange(name, null, inode));
        Trace?.Add($"delete {name}");
    }

    public void SyncDirectory()
    {
        Spend();
        DirectorySyncs++;
        Trace?.Add("sync directory");
        if (Strikes(Faults.FailDirectorySync, Fault.DirectorySyncFailed))
        {
            throw new DiskFailedException($"{Path} could not be flushed: a simulated fault.");
        }

        _durableNames = Copy(_names);
        _changes.Clear();
    }

    /// <summary>
    /// The machine loses its power: of what was not synced, each sector has any of its versions since, and the
    /// directory has gone any part of its way. Open files are dead.
    /// </summary>
    public void CrashMachine()
    {
        Generation++;
        CallsUntilPowerLoss = null;
        SortedDictionary<string, SimulatedInode> names = Copy(_durableNames);
        HashSet<SimulatedInode> known = [.. names.Values];
        // Mostly in order, as a journal does it; sometimes each change for itself.
        bool inOrder = _random.NextInt32(4) != 0;
        int kept = _random.NextInt32(_changes.Count + 1);
        for (int i = 0; i < _changes.Count; i++)
        {
            if (inOrder ? i < kept : _random.NextInt32(2) == 0)
            {
                _changes[i].Apply(names, known);
            }
        }

        _changes.Clear();
        _names = names;
        _durableNames = Copy(names);
        foreach (SimulatedInode inode in _names.Values.Distinct())
        {
            if (inode.Crash(_random) is { } fault)
            {
                Counts.Hit(fault);
            }
        }
    }

    /// <summary>How long the syncs since the last time have taken, in microseconds.</summary>
    public long TakeSpentUs()
    {
        long spent = SpentUs;
        SpentUs = 0;
        return spent;
    }

    /// <summary>The process ends; the system lives and keeps what was written. Open files are dead.</summary>
    public void CrashProcess() => Generation++;

    /// <summary>Turns one bit over, in the file as it is on the disk and as it is read.</summary>
    public void FlipBit(string name, long offset, int bit)
    {
        _names[name].Flip(offset, bit);
        Counts.Hit(Fault.BitFlipped);
    }

    /// <summary>Puts a whole sector of nonsense into a file.</summary>
    public void Scribble(string name, long sector)
    {
        for (int i = 0; i < SectorBytes; i += 1 + _random.NextInt32(8))
        {
            FlipBit(name, (sector * SectorBytes) + i, _random.NextInt32(8));
        }
    }

    /// <summary>The bytes of a file as they are read.</summary>
    public byte[] Content(string name) => Content(name, 0, (int)_names[name].Length);

    /// <summary>Some bytes of a file as they are read; fewer where it ends, or is not there.</summary>
    public byte[] Content(string name, long offset, int length)
    {
        byte[] bytes = new byte[length];
        return _names.TryGetValue(name, out SimulatedInode? inode) ? bytes[..inode.Read(offset, bytes)] : [];
    }

    internal bool Strikes(double probability, Fault fault)
    {
        bool strikes = probability > 0 && _random.NextDouble() < probability;
        if (strikes)
        {
            Counts.Hit(fault);
        }

        return strikes;
    }

    internal void CountWrite(string name, long offset, int bytes)
    {
        Spend();
        Writes++;
        Trace?.Add($"write {name} {offset} {bytes}");
    }

    internal void CountSync(string name)
    {
        Spend();
        Syncs++;
        Trace?.Add($"sync {name}");
        if (SyncUsMax > 0)
        {
            SpentUs += _random.NextInt32(SyncUsMax);
            Counts.Hit(Fault.SyncSlow);
        }
    }

    internal void CheckRoom(long more, string name)
    {
        if (more > 0 && QuotaBytes != long.MaxValue && UsedBytes + more > QuotaBytes)
        {
            Counts.Hit(Fault.DiskFull);
            throw new DiskFullException(
                $"{Path}/{name} needs {more:N0} bytes more, and the disk is full: a simulated fault.");
        }
    }

    private void Spend()
    {
        if (CallsUntilPowerLoss is not { } calls)
        {
            return;
        }

        if (calls <= 0)
        {
            throw new SimulatedPowerLossException();
        }

        CallsUntilPowerLoss = calls - 1;
    }

    private static SortedDictionary<string, SimulatedInode> Copy(SortedDictionary<string, SimulatedInode> names) =>
        new(names, StringComparer.Ordinal);

    private sealed record NameChange(string? From, string? To, SimulatedInode Inode)
    {
        public void Apply(SortedDictionary<string, SimulatedInode> names, HashSet<SimulatedInode> known)
        {
            if (From is null)
            {
                known.Add(Inode);
            }
            else if (!names.TryGetValue(From, out SimulatedInode? there) || there != Inode)
            {
                // An earlier change that this one needs did not get there.
                return;
            }
            else
            {
                names.Remove(From);
            }

            if (To is not null)
            {
                names[To] = Inode;
            }
        }
    }
}
