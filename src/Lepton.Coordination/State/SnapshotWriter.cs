using System.Buffers.Binary;
using System.Collections.Immutable;
using Lepton.Coordination.Store;
using Lepton.Core.Hashing;
using Lepton.Core.Records;
using Lepton.Raft;

namespace Lepton.Coordination.State;

/// <summary>Writes a snapshot, see <see cref="SnapshotFormat"/>. The store is read in slices, while it
/// changes.</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private readonly Stream _data;
    private readonly CancellationToken _cancellationToken;
    private readonly RecordWriter _block = new(SnapshotFormat.BlockBytes * 2);
    private uint _checksum;
    private ulong _versions;

    /// <summary>A writer to a stream, which stays the caller's.</summary>
    public SnapshotWriter(Stream data, CancellationToken cancellationToken)
    {
        _data = data;
        _cancellationToken = cancellationToken;
        data.Write(SnapshotFormat.Name);
    }

    /// <summary>Writes what is not keys.</summary>
    public void WriteManifest(
        LogIndex applied,
        StateManifest manifest,
        ImmutableSortedDictionary<long, long> leases,
        long revision,
        long compacted)
    {
        _block.WriteByte(SnapshotFormat.Manifest);
        _block.WriteVarInt64(applied.Value);
        _block.WriteVarInt64(revision);
        _block.WriteVarInt64(compacted);
        _block.WriteVarUInt64(manifest.CommandFormat);
        _block.WriteVarUInt64((ulong)leases.Count);
        foreach (var (id, ttl) in leases)
        {
            _block.WriteVarInt64(id);
            _block.WriteVarInt64(ttl);
        }

        _block.WriteVarUInt64((ulong)manifest.Alarms.Count);
        foreach (var (member, kind) in manifest.Alarms)
        {
            _block.WriteVarUInt64(member);
            _block.WriteVarUInt64((ulong)kind);
        }

        _block.WriteVarUInt64((ulong)manifest.ClientUrls.Count);
        foreach (var (member, urls) in manifest.ClientUrls)
        {
            _block.WriteVarUInt64(member);
            _block.WriteVarUInt64((ulong)urls.Length);
            foreach (var url in urls)
            {
                _block.WriteString(url);
            }
        }

        Flush();
    }

    /// <summary>Writes what was there at the compacted revision, and what was written since.</summary>
    /// <param name="store">Whose; the compacted revision is pinned.</param>
    /// <param name="compacted">The compacted revision.</param>
    /// <param name="revision">The last revision to write.</param>
    public void WriteVersions(KvStore store, long compacted, long revision)
    {
        List<KeyVersion> versions = [];
        foreach (var head in StoreScan.Heads(store))
        {
            Collect(head, compacted, revision, versions);
            for (var i = versions.Count - 1; i >= 0; i--)
            {
                Write(SnapshotFormat.Version, versions[i]);
            }

            versions.Clear();
        }
    }

    /// <summary>Writes the deletions that the tree does not hold any more, or not on every node.</summary>
    public void WriteDeletions(KvStore store, long compacted)
    {
        foreach (var version in StoreScan.History(store, compacted))
        {
            if (version.ModRevision > compacted)
            {
                return;
            }

            if (version.IsTombstone)
            {
                Write(SnapshotFormat.Deletion, version);
            }
        }
    }

    /// <summary>Writes the end.</summary>
    public void Finish()
    {
        _block.WriteByte(SnapshotFormat.End);
        _block.WriteVarUInt64(_versions);
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();

    private static void Collect(KeyVersion head, long compacted, long revision, List<KeyVersion> versions)
    {
        for (var version = head; version is not null; version = version.Previous)
        {
            if (version.ModRevision <= revision && !(version.IsTombstone && version.ModRevision <= compacted))
            {
                versions.Add(version);
            }

            if (version.ModRevision <= compacted)
            {
                break;
            }
        }
    }

    private void Write(byte kind, KeyVersion version)
    {
        _block.WriteByte(kind);
        _block.WriteVarUInt64((ulong)version.ModRevision);
        _block.WriteVarUInt64((ulong)version.Sub);
        _block.WriteVarUInt64((ulong)version.CreateRevision);
        _block.WriteVarUInt64((ulong)version.Version);
        _block.WriteVarUInt64((ulong)version.Lease);
        _block.WriteVarUInt64((ulong)version.Key.Length);
        _block.WriteVarUInt64((ulong)version.Value.Length);
        _block.WriteRaw(version.Key);
        _block.WriteRaw(version.Value);
        _versions++;
        if (_block.Length >= SnapshotFormat.BlockBytes)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _checksum = Crc32C.Compute(_block.WrittenSpan, _checksum);
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, _block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], _checksum);
        _data.Write(head);
        _data.Write(_block.WrittenSpan);
        _block.Clear();
    }
}
