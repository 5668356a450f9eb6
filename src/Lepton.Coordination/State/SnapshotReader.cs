using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;
using Lepton.Core.Hashing;
using Lepton.Core.Records;
using Lepton.Raft;

namespace Lepton.Coordination.State;

/// <summary>Reads a snapshot, see <see cref="SnapshotFormat"/>, into a state of its own: where it fails, nothing else
/// has changed.</summary>
internal sealed class SnapshotReader
{
    private readonly KvStore _store = new();
    private readonly LeaseTable _leases = new();
    private readonly List<KeyVersion> _history = [];
    private StateManifest _manifest = StateManifest.Empty;
    private LogIndex _applied;
    private long _revision;
    private long _compacted;
    private byte _last;
    private ulong _versions;
    private bool _leased;

    private SnapshotReader()
    {
    }

    /// <summary>Reads a snapshot to its end.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut off, or of another format.</exception>
    public static (LogIndex Applied, StateManifest Manifest, KvStore Store, LeaseTable Leases) Read(Stream data)
    {
        var reader = new SnapshotReader();
        try
        {
            reader.ReadAll(data);
        }
        catch (Exception e) when (e is EndOfStreamException or CorruptRecordException or OverflowException)
        {
            throw Damaged(e.Message);
        }

        return (reader._applied, reader._manifest, reader._store, reader._leases);
    }

    private static InvalidDataException Damaged(string how) => new(
        $"The snapshot of the coordination state is damaged: {how} Take the snapshot of another member.");

    private void ReadAll(Stream data)
    {
        Span<byte> name = stackalloc byte[8];
        data.ReadExactly(name);
        if (!name[..6].SequenceEqual(SnapshotFormat.Name[..6]))
        {
            throw Damaged("it does not begin as one.");
        }

        if (!name.SequenceEqual(SnapshotFormat.Name))
        {
            throw new InvalidDataException(
                "The snapshot of the coordination state is of another version's format "
                + $"({Encoding.Latin1.GetString(name)}); this version reads lptkv-01. Use a newer version of Lepton.");
        }

        ReadBlocks(data);
        var history = CollectionsMarshal.AsSpan(_history);
        history.Sort(static (a, b) =>
            a.ModRevision != b.ModRevision ? a.ModRevision.CompareTo(b.ModRevision) : a.Sub.CompareTo(b.Sub));
        _store.EndLoad(_revision, _compacted, history);
        if (_leased)
        {
            Attach();
        }
    }

    private void ReadBlocks(Stream data)
    {
        var checksum = 0u;
        var block = new byte[SnapshotFormat.BlockBytes * 2];
        Span<byte> head = stackalloc byte[8];
        while (_last != SnapshotFormat.End)
        {
            data.ReadExactly(head);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is <= 0 or > SnapshotFormat.BlockBytesMax)
            {
                throw Damaged($"a block of {length} bytes is announced.");
            }

            block = ReadBlock(data, block, length);
            checksum = Crc32C.Compute(block.AsSpan(0, length), checksum);
            if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
            {
                throw Damaged("a block's checksum is wrong.");
            }

            var records = new RecordReader(block.AsSpan(0, length));
            while (!records.End)
            {
                ReadRecord(ref records);
            }
        }
    }

    /// <summary>Takes memory as the bytes come, so that a damaged length asks for none.</summary>
    private static byte[] ReadBlock(Stream data, byte[] block, int length)
    {
        var filled = 0;
        while (filled < length)
        {
            if (filled == block.Length)
            {
                Array.Resize(ref block, Math.Min(block.Length * 2, Math.Max(length, block.Length)));
            }

            var step = Math.Min(block.Length, length) - filled;
            data.ReadExactly(block.AsSpan(filled, step));
            filled += step;
        }

        return block;
    }

    private void ReadRecord(ref RecordReader records)
    {
        var kind = records.ReadByte();
        var expected = _last == 0 ? kind == SnapshotFormat.Manifest : kind >= _last && kind != SnapshotFormat.Manifest;
        if (!expected || _last == SnapshotFormat.End)
        {
            throw Damaged($"a record of kind {kind} stands behind one of kind {_last}.");
        }

        _last = kind;
        switch (kind)
        {
            case SnapshotFormat.Manifest:
                ReadManifest(ref records);
                break;
            case SnapshotFormat.Version or SnapshotFormat.Deletion:
                ReadVersion(ref records, inTree: kind == SnapshotFormat.Version);
                break;
            case SnapshotFormat.End:
                if (records.ReadVarUInt64() != _versions)
                {
                    throw Damaged($"it holds {_versions} versions and should hold others.");
                }

                break;
            default:
                throw Damaged($"there is a record of kind {kind}.");
        }
    }

    private void ReadManifest(ref RecordReader records)
    {
        _applied = new LogIndex(records.ReadVarInt64());
        _revision = records.ReadVarInt64();
        _compacted = records.ReadVarInt64();
        var format = checked((uint)records.ReadVarUInt64());
        List<KeyValuePair<long, long>> leases = [];
        for (var left = records.ReadLength(2); left > 0; left--)
        {
            leases.Add(new(records.ReadVarInt64(), records.ReadVarInt64()));
        }

        _leases.Load(leases);
        var alarms = _manifest.Alarms.ToBuilder();
        for (var left = records.ReadLength(2); left > 0; left--)
        {
            alarms.Add((records.ReadVarUInt64(), (AlarmType)records.ReadVarUInt64()));
        }

        var urls = _manifest.ClientUrls.ToBuilder();
        for (var left = records.ReadLength(2); left > 0; left--)
        {
            var member = records.ReadVarUInt64();
            var list = ImmutableArray.CreateBuilder<string>();
            for (var more = records.ReadLength(1); more > 0; more--)
            {
                list.Add(records.ReadString());
            }

            urls.Add(member, list.ToImmutable());
        }

        _manifest = _manifest with
        {
            CommandFormat = format,
            Alarms = alarms.ToImmutable(),
            ClientUrls = urls.ToImmutable(),
        };
    }

    private void ReadVersion(ref RecordReader records, bool inTree)
    {
        var stamp = new VersionStamp(
            (long)records.ReadVarUInt64(),
            checked((int)records.ReadVarUInt64()),
            (long)records.ReadVarUInt64(),
            (long)records.ReadVarUInt64(),
            (long)records.ReadVarUInt64());
        var keyLength = checked((int)records.ReadVarUInt64());
        var valueLength = checked((int)records.ReadVarUInt64());
        var bytes = records.ReadRaw(checked(keyLength + valueLength)).ToArray();
        _leased |= stamp.Lease != 0;
        var version = inTree
            ? _store.Load(bytes, keyLength, stamp)
            : KeyVersion.Restore(bytes, keyLength, stamp, previous: null);
        if (stamp.ModRevision >= _compacted)
        {
            _history.Add(version);
        }

        _versions++;
    }

    private void Attach()
    {
        foreach (var version in StoreScan.Heads(_store).Where(version => version.Lease != 0))
        {
            if (!_leases.Contains(version.Lease))
            {
                throw Damaged($"a key lives by lease {version.Lease:x}, which is not there.");
            }

            _leases.Attach(version.Lease, version.Key);
        }
    }
}
