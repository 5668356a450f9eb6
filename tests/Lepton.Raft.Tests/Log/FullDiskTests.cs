using System.Diagnostics;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;

namespace Lepton.Raft.Tests.Log;

/// <summary>A real file system that is full: a small tmpfs in a mount namespace of its own.</summary>
public sealed class FullDiskTests
{
    private const string Variable = "LEPTON_TEST_SMALL_DISK";

    [Fact]
    public void Trap20_FullTmpfs_RefusesCommandsKeepsVotesAndGoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Mount namespaces are needed, which only Linux has.");
        string path = Directory.CreateTempSubdirectory("lepton-full-").FullName;
        try
        {
            Assert.SkipUnless(
                Run("unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path) == 0,
                "This user may not mount a tmpfs (unshare -rm).");
            string assembly = typeof(FullDiskTests).Assembly.Location;
            string inner = $"{typeof(FullDiskTests).FullName}.{nameof(Inside_SmallTmpfs_FillsUp)}";
            int code = Run(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=400k tmpfs \"$0\" && " +
                $"exec env {Variable}=\"$0\" dotnet \"$1\" -explicit only -method \"$2\"",
                path,
                assembly,
                inner);
            Assert.True(code == 0, "The test inside of the namespace failed; its output is above.");
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Run by the test above, where the small file system is mounted.</summary>
    [Fact(Explicit = true)]
    public void Inside_SmallTmpfs_FillsUp()
    {
        string? path = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(path is null, "Run by another test.");
        SegmentedLogOptions options = new() { SegmentBytes = 64 << 10, ReserveBytes = 4096 };
        using FileDisk disk = FileDisk.OpenDirectory(path);
        SegmentedLog log = SegmentedLog.Open(disk, LogFixture.Identity, SnapshotMeta.None, options);
        long index = 1;
        DiskFullException full = Assert.Throws<DiskFullException>(() =>
        {
            while (index < 10_000)
            {
                log.Append(LogFixture.Entries(index, 5), LogFixture.State(1));
                index += 5;
            }
        });
        Assert.Contains(path, full.Message, StringComparison.Ordinal);
        Assert.Contains("Free some space", full.Message, StringComparison.Ordinal);
        Assert.Equal(new LogIndex(index - 1), log.LastIndex);
        Assert.DoesNotContain("log-new.tmp", disk.List());
        log.Sync();

        // Elections and reads go on, here and after a restart.
        log.Append([], LogFixture.State(2, vote: 3));
        log.Sync();
        LogFixture.AssertHolds(log, LogFixture.Entries(1, (int)index - 1));
        log.Dispose();
        log = SegmentedLog.Open(disk, LogFixture.Identity, SnapshotMeta.None, options);
        Assert.Equal(LogFixture.State(2, vote: 3), log.HardState);
        log.Append([], LogFixture.State(3, vote: 4));
        log.Sync();
        Assert.Throws<DiskFullException>(() => log.Append(LogFixture.Entries(index, 5, term: 3), null));

        // Once there is room again, so do commands.
        Assert.Equal(0, Run("mount", "-o", "remount,size=2m", path));
        log.Append(LogFixture.Entries(index, 5, term: 3), null);
        log.Sync();
        log.Dispose();
        using SegmentedLog again = SegmentedLog.Open(disk, LogFixture.Identity, SnapshotMeta.None, options);
        LogFixture.AssertHolds(again, LogFixture.Entries(1, (int)index - 1), LogFixture.Entries(index, 5, term: 3));
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not installed.
            return -1;
        }
    }
}
