using System.Globalization;
using System.Runtime.InteropServices;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// Reads a log's directory when it is opened. Changes nothing but to delete segments that were never finished.
/// </summary>
internal sealed class LogRecovery(IDisk disk, LogIdentity identity, SnapshotMeta snapshot)
{
    /// <summary>A file that is being made into a segment; of no value until it has a segment's name.</summary>
    public const string TemporaryName = "log-new.tmp";

    /// <summary>A segment whose entries are no longer needed, kept for its blocks.</summary>
    public const string SpareName = "log-spare.tmp";

    private readonly LogReplay _replay = new();
    private const int WindowBytes = 1 << 20;
    private readonly List<long> _terms = [];
    private readonly HashSet<ulong> _damagedSegments = [];
    private byte[] _window = [];
    private ulong _chain;
    private int _endSector;
    private uint _batch;
    private uint _batchMax;
    private int _unsureSector = SegmentHeader.FirstSector;

    /// <summary>Reads everything.</summary>
    /// <exception cref="DataDirectoryException">The log is not this node's, or of a newer version.</exception>
    public RecoveredLog Read()
    {
        List<Found> found = [];
        List<LogSegment> segments = [];
        try
        {
            string? spare = ReadNames(found);
            long largest = found.Count > 0 ? found.Max(item => item.File.Length) : 0;
            long whole = largest / SectorFrame.SectorBytes * SectorFrame.SectorBytes;
            _window = new byte[Math.Clamp(whole, 4096, WindowBytes)];
            Replay(found);
            foreach (Found item in found)
            {
                bool isDamaged = _damagedSegments.Contains(item.Sequence);
                segments.Add(
                    new LogSegment(item.Sequence, item.Name, item.File, SectorsOf(item)) { IsDamaged = isDamaged });
            }

            (EntryTable table, HardState hardState, LogDamage? damage) = _replay.Finish(snapshot);
            return new RecoveredLog(
                segments, table, hardState, damage, _endSector, _chain, _batch, _batchMax, _unsureSector, spare);
        }
        catch (Exception)
        {
            found.ForEach(item => item.File.Dispose());
            throw;
        }
    }

    private static int SectorsOf(Found item) =>
        item.Header?.Sectors ?? (int)(item.File.Length / SectorFrame.SectorBytes);

    private string? ReadNames(List<Found> found)
    {
        string? spare = null;
        foreach (string name in disk.List())
        {
            if (string.Equals(name, TemporaryName, StringComparison.Ordinal))
            {
                disk.Delete(name);
            }
            else if (string.Equals(name, SpareName, StringComparison.Ordinal))
            {
                spare = name;
            }
            else if (SegmentHeader.SequenceOf(name) is { } sequence)
            {
                IDiskFile file = disk.Open(name);
                Found item = new(sequence, name, file, null);
                found.Add(item);
                item = item with { Header = ReadHeader(item) };
                found[^1] = item;
            }
        }

        return spare;
    }

    private SegmentHeader? ReadHeader(Found item)
    {
        byte[] sector = new byte[SectorFrame.SectorBytes];
        foreach (int offset in (ReadOnlySpan<int>)[0, SegmentHeader.CopyOffset])
        {
            SectorReader reader = new(item.File, sector);
            SegmentHeader? header = SegmentHeader.Read(
                reader.Sector(offset / SectorFrame.SectorBytes), out uint version);
            if (version != SegmentHeader.Version)
            {
                throw new DataDirectoryException(
                    $"{Where(item)} was written in format {version}, and this version of Lepton knows format " +
                    $"{SegmentHeader.Version}. Start the node with the version that wrote it, or a newer one; " +
                    "nothing was changed.");
            }

            // A header of another number belongs to another file: it was written to the wrong place.
            if (header is not null && header.Sequence == item.Sequence)
            {
                CheckIdentity(item, header.Identity);
                return header;
            }
        }

        return null;
    }

    private void CheckIdentity(Found item, LogIdentity there)
    {
        if (there.Cluster != identity.Cluster)
        {
            throw new DataDirectoryException(
                $"{Where(item)} belongs to cluster {Hex(there.Cluster)}, and this node was started for cluster " +
                $"{Hex(identity.Cluster)}. Start it with the settings of its own cluster, or give it another data " +
                "directory; nothing was changed.");
        }

        if (there.Node != identity.Node)
        {
            throw new DataDirectoryException(
                $"{Where(item)} belongs to node {there.Node}, and this is node {identity.Node}. Give each node a " +
                "data directory of its own; a node that has lost its directory must be removed and added anew. " +
                "Nothing was changed.");
        }
    }

    private string Where(Found item) => Path.Combine(disk.Path, item.Name);

    private static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);

    private void Replay(List<Found> found)
    {
        for (int i = 0; i < found.Count; i++)
        {
            Found item = found[i];
            SegmentHeader? next = i + 1 < found.Count && found[i + 1].Sequence == item.Sequence + 1
                ? found[i + 1].Header
                : null;
            bool isLast = i == found.Count - 1;
            bool followsLast = i == 0 || item.Sequence == found[i - 1].Sequence + 1;
            if (item.Header is { } header)
            {
                if (i > 0 && !(followsLast && header.PreviousEndSector == _endSector && header.Chain == _chain))
                {
                    _replay.OnGap();
                }

                _chain = header.Chain;
                _replay.OnSegment(header);
            }
            else
            {
                _replay.OnGap();
            }

            ReadSegment(item, isLast, next);
        }
    }

    private void ReadSegment(Found item, bool isLast, SegmentHeader? next)
    {
        int sectors = SectorsOf(item);
        int limit = next?.PreviousEndSector ?? sectors;
        SectorReader reader = new(item.File, _window);
        SegmentScanner scanner = new(reader, item.Sequence, sectors) { Chain = _chain };
        scanner.NoteStraysInHead();
        bool more = item.Header is not null || scanner.TryResync(SegmentHeader.FirstSector, limit);
        _unsureSector = SegmentHeader.FirstSector;
        _batchMax = 0;
        _endSector = SegmentHeader.FirstSector;
        while (more)
        {
            ReadBatches(scanner, item.Sequence, limit);
            TailJudge? judge = isLast ? new TailJudge(reader, scanner, item.Sequence, sectors) : null;
            bool damaged = judge?.IsDamaged()
                ?? (next is null || scanner.Sector != limit || scanner.Chain != next.Chain);
            _batchMax = Math.Max(_batchMax, judge?.BatchMax ?? 0);
            _endSector = scanner.Sector;
            _chain = scanner.Chain;
            _batch = scanner.Batch;
            if (damaged)
            {
                _damagedSegments.Add(item.Sequence);
            }

            more = damaged && ResumeBehindDamage(scanner, judge, limit);
        }
    }

    private bool ResumeBehindDamage(SegmentScanner scanner, TailJudge? judge, int limit)
    {
        _replay.OnGap();
        if (judge?.LastHeader is { } last)
        {
            _replay.OnHint(last);
        }

        if (!scanner.TryResync(scanner.Sector + 1, limit))
        {
            return false;
        }

        _replay.OnHint(scanner.Header);
        return true;
    }

    private void ReadBatches(SegmentScanner scanner, ulong sequence, int limit)
    {
        while (scanner.TryNext(limit))
        {
            BatchHeader header = scanner.Header;
            if (!BatchCodec.TryReadTerms(scanner.Body.Span, header.Records, _terms))
            {
                _replay.OnGap();
                continue;
            }

            BatchPlace place = new(
                header.PreviousIndex,
                header.Records,
                sequence,
                scanner.StartSector,
                scanner.Sector - scanner.StartSector,
                scanner.Batch);
            _replay.OnBatch(header, place, CollectionsMarshal.AsSpan(_terms));
            _unsureSector = header.DurableSector;
        }
    }

    private sealed record Found(
        ulong Sequence, string Name, IDiskFile File, SegmentHeader? Header);
}
