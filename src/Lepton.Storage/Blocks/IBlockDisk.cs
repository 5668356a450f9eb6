namespace Lepton.Storage.Blocks;

/// <summary>The folder of the segments: all that blocks need of a file system, so that a simulated disk can stand in
/// its place. Names are plain file names. Thread safe.</summary>
internal interface IBlockDisk
{
    /// <summary>Its path, for messages.</summary>
    string Path { get; }

    /// <summary>The names of all files, in any order. Makes the folder where it is missing.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    IReadOnlyList<string> List();

    /// <summary>Makes an empty file that must not be there. It outlives a power cut once <see cref="FlushNames"/> has
    /// returned.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    IBlockFile Create(string name);

    /// <summary>Opens a file that is there.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    IBlockFile Open(string name);

    /// <summary>Opens a file for reading alone, by whatever else it is open.</summary>
    /// <returns>Null where there is none of that name.</returns>
    /// <exception cref="IOException">It can't be opened.</exception>
    IBlockFile? OpenToRead(string name);

    /// <summary>Whether there is a file of that name.</summary>
    bool Exists(string name);

    /// <summary>Deletes a file, open or not.</summary>
    /// <exception cref="IOException">It can't be deleted.</exception>
    void Delete(string name);

    /// <summary>Returns when all names are on the disk.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    void FlushNames();
}

/// <summary>An open file of segments' folder. Reading is thread safe; one at a time writes.</summary>
internal interface IBlockFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads some bytes.</summary>
    /// <returns>How many; 0 at the end of the file.</returns>
    /// <exception cref="IOException">The disk can't read them.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Has bytes that are on the disk already read from there the next time, not from a memory of
    /// it.</summary>
    void DropCached(long offset, long length);

    /// <summary>Writes bytes, one piece behind the other. They are on the disk after <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">It was not written, or only in part.</exception>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset);

    /// <summary>Cuts it.</summary>
    /// <exception cref="IOException">It can't be cut.</exception>
    void SetLength(long length);

    /// <summary>Returns when all that was written is on the disk.</summary>
    /// <exception cref="IOException">It may not be, and another flush would say nothing about it.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    void Flush();
}
