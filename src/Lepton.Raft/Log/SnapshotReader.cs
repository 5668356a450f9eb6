using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// A finished snapshot. It can be read to its end even when newer ones have replaced it. Used by one thread.
/// </summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly IDiskFile _file;
    private readonly SnapshotChunks _chunks;

    internal SnapshotReader(SnapshotMeta meta, IDiskFile file, SnapshotChunks chunks)
    {
        Meta = meta;
        _file = file;
        _chunks = chunks;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMeta Meta { get; }

    /// <summary>
    /// Reads a piece for a peer, from any place, up to <see cref="SnapshotMeta.Bytes"/>; each is checked.
    /// </summary>
    /// <returns>Bytes read; fewer than asked for only at the end.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="DiskFailedException">The disk can't read it.</exception>
    public int Read(long offset, Span<byte> bytes) => _chunks.Read(offset, bytes, Meta.Bytes);

    /// <summary>
    /// The state's own data, from front to back. Ends with the reader; reading throws what <see cref="Read"/> does.
    /// </summary>
    public Stream OpenData() => new SnapshotDataStream(this, Meta.Bytes - SnapshotChunks.TrailerBytes);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
