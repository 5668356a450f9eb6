using System.Diagnostics;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Tests.Disk;

public sealed class FileDiskTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("lepton-disk-").FullName;

    [Fact]
    public void OpenDirectory_NotThereYet_IsMade()
    {
        string path = Path.Combine(_path, "a", "b");
        using FileDisk disk = FileDisk.OpenDirectory(path);
        Assert.Equal(path, disk.Path);
        Assert.Empty(disk.List());
        Assert.True(Directory.Exists(path));
    }

    [Fact]
    public void OpenDirectory_InUse_RefusedWithWhatToDo()
    {
        using FileDisk disk = FileDisk.OpenDirectory(_path);
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(() => FileDisk.OpenDirectory(_path));
        Assert.Contains(_path, fault.Message, StringComparison.Ordinal);
        Assert.Contains("is in use by another process", fault.Message, StringComparison.Ordinal);
        Assert.Contains("stop the other one", fault.Message, StringComparison.Ordinal);
        disk.Dispose();
        FileDisk.OpenDirectory(_path).Dispose();
    }

    [Fact]
    public void OpenDirectory_LockCanNotBeOpened_IsNotTakenForOneInUse()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A link to itself is needed, which any user may make.");
        string path = Path.Combine(_path, "LOCK");
        File.CreateSymbolicLink(path, path);
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(() => FileDisk.OpenDirectory(_path));
        Assert.Contains($"{path}, which keeps other processes out", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("in use", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenDirectory_AFile_RefusedWithItsPath()
    {
        string path = Path.Combine(_path, "file");
        File.WriteAllText(path, "");
        IOException fault = Assert.ThrowsAny<IOException>(() => FileDisk.OpenDirectory(path));
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithRoom_ReservesItsBlocks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux' stat is asked for the blocks of a file.");
        using FileDisk disk = FileDisk.OpenDirectory(_path);
        using IDiskFile file = disk.Create("x", 1 << 20);
        Assert.Equal(1 << 20, file.Length);
        byte[] bytes = new byte[4096];
        Assert.Equal(4096, file.Read(1000, bytes));
        Assert.All(bytes, value => Assert.Equal(0, value));
        Assert.True(Blocks(Path.Combine(_path, "x")) * 512 >= 1 << 20, "The file has holes: no room was reserved.");
    }

    [Fact]
    public void Create_NameThatIsThere_Refused()
    {
        using FileDisk disk = FileDisk.OpenDirectory(_path);
        disk.Create("x", 100).Dispose();
        Assert.Throws<DiskFailedException>(() => disk.Create("x", 100));
        Assert.Equal(["x"], disk.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("../x")]
    public void Create_NotAPlainName_Refused(string name)
    {
        using FileDisk disk = FileDisk.OpenDirectory(_path);
        Assert.Throws<ArgumentException>(() => disk.Create(name, 100));
    }

    [Fact]
    public void ReadWriteRenameDelete_RealFiles_DoWhatTheySay()
    {
        using FileDisk disk = FileDisk.OpenDirectory(_path);
        using IDiskFile file = disk.Create("b", 0);
        disk.Create("a", 0).Dispose();
        file.Write(10, [1, 2, 3]);
        Assert.Equal(13, file.Length);
        byte[] bytes = new byte[20];
        Assert.Equal(5, file.Read(8, bytes));
        Assert.Equal([0, 0, 1, 2, 3], bytes[..5]);
        file.SetLength(11);
        Assert.Equal(11, file.Length);
        file.Sync();
        Assert.Equal(["a", "b"], disk.List());
        disk.Rename("b", "a");
        disk.SyncDirectory();
        Assert.Equal(["a"], disk.List());
        using (IDiskFile again = disk.Open("a"))
        {
            Assert.Equal(11, again.Length);
        }

        disk.Delete("a");
        Assert.Empty(disk.List());
        Assert.Throws<DiskFailedException>(() => disk.Open("a"));
    }

    [Fact]
    public void Write_FailedOnce_EverythingAfterIsRefused()
    {
        Assert.SkipUnless(File.Exists("/proc/self/comm"), "A file that can't be flushed is needed.");
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle =
            File.OpenHandle("/proc/self/comm", FileMode.Open, FileAccess.ReadWrite);
        using FileDiskFile file = new(handle, "/proc/self/comm");

        // /proc knows no flush: EINVAL, which stands for any error here.
        DiskFailedException first = Assert.Throws<DiskFailedException>(file.Sync);
        Assert.Contains("/proc/self/comm could not be flushed", first.Message, StringComparison.Ordinal);
        Assert.Throws<DiskFailedException>(() => file.Write(0, [1]));
        Assert.Throws<DiskFailedException>(file.Sync);
        Assert.Throws<DiskFailedException>(() => file.Read(0, new byte[1]));
    }

    [Fact]
    public void Write_OnAFullDevice_IsFullAndNotFailed()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "A device that is always full is needed.");
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle =
            File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite);
        using FileDiskFile file = new(handle, "/dev/full");
        DiskFullException fault = Assert.Throws<DiskFullException>(() => file.Write(0, [1]));
        Assert.Contains("Free some space", fault.Message, StringComparison.Ordinal);
        Assert.Throws<DiskFullException>(() => file.Write(0, [1]));
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static long Blocks(string path)
    {
        ProcessStartInfo start = new("stat", ["-c", "%b", path]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output, System.Globalization.CultureInfo.InvariantCulture);
    }
}
