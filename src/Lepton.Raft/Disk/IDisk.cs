namespace Lepton.Raft.Disk;

/// <summary>
/// One directory of a disk, without sub-directories: all that the log and the snapshots need of a file system, so that
/// a simulated disk can stand in its place. Names are plain file names.
/// </summary>
public interface IDisk
{
    /// <summary>The directory's path, for messages.</summary>
    string Path { get; }

    /// <summary>The names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a file that must not be there, for reading and writing.</summary>
    /// <param name="name">Its name; it is there for good only after <see cref="SyncDirectory"/>.</param>
    /// <param name="bytes">Room to reserve; the file has this length and reads as zeros.</param>
    /// <exception cref="DiskFullException">There is no room; no file is left.</exception>
    IDiskFile Create(string name, long bytes);

    /// <summary>Opens a file that is there, for reading and writing.</summary>
    IDiskFile Open(string name);

    /// <summary>
    /// Gives a file another name and replaces what has it; durable after <see cref="SyncDirectory"/>.
    /// </summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; durable after <see cref="SyncDirectory"/>.</summary>
    void Delete(string name);

    /// <summary>Returns when all names are on the disk.</summary>
    /// <exception cref="DiskFailedException">They may not be.</exception>
    void SyncDirectory();
}
