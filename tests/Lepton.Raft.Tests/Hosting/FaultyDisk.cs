using Lepton.Raft.Disk;

namespace Lepton.Raft.Tests.Hosting;

/// <summary>A real directory whose calls fail when the test wants it. Each hook gets the file's name.</summary>
internal sealed class FaultyDisk(IDisk disk) : IDisk
{
    public string Path => disk.Path;

    /// <summary>Before a file is made or written; it may throw.</summary>
    public Action<string> OnWrite { get; set; } = _ => { };

    /// <summary>Before a file is synced; it may throw.</summary>
    public Action<string> OnSync { get; set; } = _ => { };

    /// <summary>No room for snapshots' files of this kind.</summary>
    public static Action<string> Full(string suffix) => name =>
    {
        if (IsSnapshot(name, suffix))
        {
            throw new DiskFullException($"{name} finds no room: a fault of the test's.");
        }
    };

    /// <summary>Snapshots' files of this kind fail.</summary>
    public static Action<string> Failing(string suffix) => name =>
    {
        if (IsSnapshot(name, suffix))
        {
            throw new DiskFailedException($"{name} could not be flushed: a fault of the test's.");
        }
    };

    public IReadOnlyList<string> List() => disk.List();

    public IDiskFile Create(string name, long bytes)
    {
        OnWrite(name);
        return new FaultyFile(this, name, disk.Create(name, bytes));
    }

    public IDiskFile Open(string name) => new FaultyFile(this, name, disk.Open(name));

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string name) => disk.Delete(name);

    public void SyncDirectory() => disk.SyncDirectory();

    private static bool IsSnapshot(string name, string suffix) =>
        name.StartsWith("snapshot-", StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal);

    private sealed class FaultyFile(FaultyDisk faults, string name, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> bytes) => file.Read(offset, bytes);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            faults.OnWrite(name);
            file.Write(offset, bytes);
        }

        public void SetLength(long bytes) => file.SetLength(bytes);

        public void Sync()
        {
            faults.OnSync(name);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
