namespace Lepton.Raft.Disk;

/// <summary>An open file. Used by one thread.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to the span's length; fewer bytes only at the end of the file.</summary>
    /// <exception cref="DiskFailedException">The disk can't read it.</exception>
    int Read(long offset, Span<byte> bytes);

    /// <summary>Writes all bytes, and lengthens the file where needed. Durable after <see cref="Sync"/>.</summary>
    /// <exception cref="DiskFullException">There is no room; the range may hold anything.</exception>
    /// <exception cref="DiskFailedException">The disk can't write.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts or lengthens the file.</summary>
    void SetLength(long bytes);

    /// <summary>Returns when all that was written is on the disk.</summary>
    /// <exception cref="DiskFailedException">It may not be; a second call proves nothing.</exception>
    void Sync();
}
