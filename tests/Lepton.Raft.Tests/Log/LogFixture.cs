using Lepton.Raft.Disk;
using Lepton.Raft.Log;

namespace Lepton.Raft.Tests.Log;

/// <summary>A log in a folder of its own, on the real file system.</summary>
internal sealed class LogFixture : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("lepton-log-").FullName;

    public LogFixture()
    {
        Disk = FileDisk.OpenDirectory(_path);
    }

    public static LogIdentity Identity { get; } = new(0xC1, new NodeId(7));

    public static SegmentedLogOptions Small { get; } = new() { SegmentBytes = 32 << 10, ReserveBytes = 4096 };

    public string FolderPath => _path;

    public FileDisk Disk { get; private set; }

    public SegmentedLog Open(SegmentedLogOptions? options = null, LogIdentity? identity = null) =>
        SegmentedLog.Open(
            Disk, identity ?? Identity, SnapshotStore.Open(Disk, identity ?? Identity).Latest, options ?? Small);

    public static LogEntry[] Entries(long from, int count, long term = 1, int bytes = 100)
    {
        LogEntry[] entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            byte[] data = new byte[bytes];
            data.AsSpan().Fill((byte)(from + i + (7 * term)));
            entries[i] = new LogEntry(new Term(term), new LogIndex(from + i), EntryKind.Command, data);
        }

        return entries;
    }

    public static HardState State(long term, ulong vote = 0, long commit = 0) =>
        new(new Term(term), new NodeId(vote), new LogIndex(commit));

    public static void AssertHolds(SegmentedLog log, params LogEntry[][] expected)
    {
        LogEntry[] all = [.. expected.SelectMany(entries => entries)];
        Assert.Equal(all[^1].Index, log.LastIndex);
        foreach (LogEntry entry in all)
        {
            LogEntry read = Assert.Single(log.Read(entry.Index, entry.Index.Next, 1));
            Assert.Equal(entry.Term, read.Term);
            Assert.Equal(entry.Index, read.Index);
            Assert.Equal(entry.Kind, read.Kind);
            Assert.Equal(entry.Data.ToArray(), read.Data.ToArray());
            Assert.Equal(entry.Term, log.TermOf(entry.Index));
        }
    }

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose()
    {
        Disk.Dispose();
        Directory.Delete(_path, recursive: true);
    }
}
