using Lepton.Core.Randomness;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Disk;

/// <summary>
/// A file's content: what is on the disk, and what was written over it since the last sync, version by version.
/// </summary>
internal sealed class SimulatedInode
{
    private const int SectorBytes = SimulatedDisk.SectorBytes;

    /// <summary>Each sector's versions since the last sync, oldest first; the last one is what is read.</summary>
    private readonly SortedDictionary<long, List<byte[]>> _pending = [];

    /// <summary>
    /// What reads show although the disk does not have it: pages that a failed sync took for written.
    /// </summary>
    private readonly Dictionary<long, byte[]> _phantoms = [];
    private byte[] _durable = [];
    private long _durableLength;

    public long Length { get; private set; }

    public void SetLength(long bytes)
    {
        if (bytes < Length)
        {
            foreach (long sector in _pending.Keys.Where(sector => sector * SectorBytes >= bytes).ToList())
            {
                _pending.Remove(sector);
            }
        }

        Length = bytes;
        if (_durable.Length < bytes)
        {
            Array.Resize(ref _durable, (int)(((bytes + SectorBytes - 1) / SectorBytes) * SectorBytes));
        }
    }

    public int Read(long offset, Span<byte> bytes)
    {
        int count = (int)Math.Clamp(Length - offset, 0, bytes.Length);
        for (int done = 0; done < count;)
        {
            long sector = (offset + done) / SectorBytes;
            int within = (int)((offset + done) % SectorBytes);
            int part = Math.Min(count - done, SectorBytes - within);
            Current(sector).Slice(within, part).CopyTo(bytes[done..]);
            done += part;
        }

        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > Length)
        {
            SetLength(offset + bytes.Length);
        }

        while (bytes.Length > 0)
        {
            long sector = offset / SectorBytes;
            int within = (int)(offset % SectorBytes);
            int part = Math.Min(bytes.Length, SectorBytes - within);
            byte[] version = Current(sector).ToArray();
            bytes[..part].CopyTo(version.AsSpan(within));
            if (!_pending.TryGetValue(sector, out List<byte[]>? versions))
            {
                versions = [];
                _pending[sector] = versions;
            }

            versions.Add(version);
            _phantoms.Remove(sector);
            bytes = bytes[part..];
            offset += part;
        }
    }

    public void Sync()
    {
        foreach ((long sector, List<byte[]> versions) in _pending)
        {
            versions[^1].CopyTo(_durable.AsSpan((int)(sector * SectorBytes)));
        }

        _pending.Clear();
        _durableLength = Length;
    }

    /// <summary>
    /// The system could not write what is pending, marks it as written all the same, and says so once.
    /// </summary>
    public void FailSync(SeededRandom random)
    {
        foreach ((long sector, List<byte[]> versions) in _pending)
        {
            if (random.NextInt32(2) == 0)
            {
                versions[^1].CopyTo(_durable.AsSpan((int)(sector * SectorBytes)));
            }
            else
            {
                _phantoms[sector] = versions[^1];
            }
        }

        _pending.Clear();
        _durableLength = Length;
    }

    /// <summary>The power fails; says what became of what was not synced, if there was any.</summary>
    public Fault? Crash(SeededRandom random)
    {
        int newest = 0;
        int pending = _pending.Count;

        // Half of the crashes find each sector as it may be; the others the disk as a whole early or late.
        int mood = random.NextInt32(4);
        foreach ((long sector, List<byte[]> versions) in _pending)
        {
            int version = mood switch
            {
                0 => -1,
                1 => versions.Count - 1,
                _ => random.NextInt32(versions.Count + 1) - 1,
            };
            newest += version == versions.Count - 1 ? 1 : 0;
            if (version >= 0)
            {
                versions[version].CopyTo(_durable.AsSpan((int)(sector * SectorBytes)));
            }
        }

        long length = random.NextInt32(2) == 0 ? _durableLength : Length;
        _pending.Clear();
        _phantoms.Clear();
        Array.Clear(_durable, (int)length, _durable.Length - (int)length);
        Length = length;
        _durableLength = length;
        return newest == pending ? null : newest == 0 ? Fault.UnsyncedWriteLost : Fault.UnsyncedWriteTorn;
    }

    public void Flip(long offset, int bit)
    {
        long sector = offset / SectorBytes;
        int within = (int)(offset % SectorBytes);
        _durable[offset] ^= (byte)(1 << bit);
        if (_pending.TryGetValue(sector, out List<byte[]>? versions))
        {
            versions.ForEach(version => version[within] ^= (byte)(1 << bit));
        }

        if (_phantoms.TryGetValue(sector, out byte[]? phantom))
        {
            phantom[within] ^= (byte)(1 << bit);
        }
    }

    private ReadOnlySpan<byte> Current(long sector) =>
        _pending.TryGetValue(sector, out List<byte[]>? versions) ? versions[^1]
            : _phantoms.TryGetValue(sector, out byte[]? phantom) ? phantom
            : _durable.AsSpan((int)(sector * SectorBytes), SectorBytes);
}
