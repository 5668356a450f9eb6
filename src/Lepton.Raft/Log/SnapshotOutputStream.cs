using Lepton.Core.Hashing;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// A snapshot that is being written, from front to back. It does not exist until <see cref="Complete"/>; disposed
/// before, it leaves nothing. Used by one thread, which need not be the one that made it.
/// </summary>
public sealed class SnapshotOutputStream : Stream
{
    /// <summary>Flushed as it goes, so that the flush at the end does not hold up the log's.</summary>
    private const long SyncBytes = 16 << 20;
    private readonly SnapshotStore _store;
    private readonly ulong _cluster;
    private readonly SnapshotMeta _meta;
    private readonly IDiskFile _file;
    private readonly SnapshotChunks _chunks;
    private readonly byte[] _piece = new byte[SnapshotChunks.PayloadBytes];
    private uint _sum;
    private int _filled;
    private long _pieces;
    private bool _isDone;

    internal SnapshotOutputStream(
        SnapshotStore store, ulong cluster, SnapshotMeta meta, string name, IDiskFile file, SnapshotChunks chunks)
    {
        _store = store;
        _cluster = cluster;
        _meta = meta;
        Name = name;
        _file = file;
        _chunks = chunks;
        _sum = new SnapshotHeader(cluster, meta).Seed();
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => Position;

    /// <inheritdoc/>
    public override long Position
    {
        get => (_pieces * SnapshotChunks.PayloadBytes) + _filled;
        set => throw new NotSupportedException("A snapshot is written from front to back.");
    }

    internal string Name { get; }

    /// <inheritdoc/>
    /// <exception cref="DiskFullException">There is no room; dispose the writer.</exception>
    /// <exception cref="DiskFailedException">The disk can't write.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _sum = Crc32C.Compute(buffer, _sum);
        Add(buffer);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <summary>Makes the snapshot durable and the newest of its store.</summary>
    /// <returns>What it is, with its size.</returns>
    /// <exception cref="DiskFullException">There is no room; nothing has changed.</exception>
    /// <exception cref="DiskFailedException">The disk can't be trusted any more; the node must stop.</exception>
    public SnapshotMeta Complete()
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        Span<byte> trailer = stackalloc byte[SnapshotChunks.TrailerBytes];
        SnapshotChunks.WriteTrailer(trailer, _sum);
        Add(trailer);
        if (_filled > 0)
        {
            _chunks.Write(_pieces, _piece.AsSpan(0, _filled));
        }

        SnapshotMeta meta = _meta with { Bytes = Position };
        _file.Write(0, new SnapshotHeader(_cluster, meta).Write());
        _file.Sync();
        _isDone = true;
        _file.Dispose();
        _store.Finish(Name, meta);
        return meta;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDone)
        {
            _isDone = true;
            _file.Dispose();
            _store.Abandon(Name);
        }

        base.Dispose(disposing);
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int part = Math.Min(bytes.Length, _piece.Length - _filled);
            bytes[..part].CopyTo(_piece.AsSpan(_filled));
            bytes = bytes[part..];
            _filled += part;
            if (_filled == _piece.Length)
            {
                _chunks.Write(_pieces, _piece);
                _pieces++;
                _filled = 0;
                if (_pieces * SnapshotChunks.ChunkBytes % SyncBytes == 0)
                {
                    _file.Sync();
                }
            }
        }
    }
}
