using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Core.Tests.Durability;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lepton-durable-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void WriteAllBytesAtomic_NewFile_HasTheBytesAndNothingElseIsLeft()
    {
        string path = At("new");
        DurableFile.WriteAllBytesAtomic(path, "content"u8);
        Assert.Equal("content", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void WriteAllBytesAtomic_OldFile_IsReplacedWhileReadersKeepTheOld()
    {
        string path = At("old");
        File.WriteAllText(path, "before");
        using StreamReader reader = new(new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        DurableFile.WriteAllBytesAtomic(path, "after"u8);
        Assert.Equal("after", File.ReadAllText(path));
        Assert.Equal("before", reader.ReadToEnd());
    }

    [Fact]
    public void WriteAllBytesAtomic_LeftoverOfACrash_IsNoObstacle()
    {
        File.WriteAllText(At(".x.0.tmp"), "half");
        DurableFile.WriteAllBytesAtomic(At("x"), "whole"u8);
        Assert.Equal("whole", File.ReadAllText(At("x")));
        Assert.Equal("half", File.ReadAllText(At(".x.0.tmp")));
    }

    [Fact]
    public void WriteAllBytesAtomic_ManyWriters_LeaveOneOfTheirContents()
    {
        string path = At("shared");
        byte[][] contents = [.. Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)i, 1000 + i).ToArray())];
        Parallel.ForEach(contents, content => DurableFile.WriteAllBytesAtomic(path, content));
        byte[] left = File.ReadAllBytes(path);
        Assert.Equal(contents[left[0]], left);
        Assert.Single(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void WriteAllBytesAtomic_MissingDirectory_NamesThePathAndWhatToCheck()
    {
        IOException fault = Assert.ThrowsAny<IOException>(
            () => DurableFile.WriteAllBytesAtomic(At("none/file"), "x"u8));
        Assert.Contains($"{At("none/file")} could not be written", fault.Message, StringComparison.Ordinal);
        Assert.Contains("What stood there before is unchanged", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteAllBytesAtomic_RootDirectory_IsRefused()
    {
        IOException fault = Assert.Throws<IOException>(
            () => DurableFile.WriteAllBytesAtomic(Path.GetPathRoot(_directory)!, "x"u8));
        Assert.Contains("is a root directory", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteAllBytesAtomic_DirectoryInItsPlace_NamesBothPathsAndTheReasonAndCleansUp()
    {
        SkipOnWindows();
        Directory.CreateDirectory(At("taken"));
        IOException fault = Assert.Throws<IOException>(() => DurableFile.WriteAllBytesAtomic(At("taken"), "x"u8));
        Assert.Contains($"to {At("taken")}: Is a directory (errno 21)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("on one file system", fault.Message, StringComparison.Ordinal);
        Assert.Equal(21, fault.HResult);
        Assert.Equal([At("taken")], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void ReplaceAtomic_FinishedFile_TakesTheOldOnesPlace()
    {
        File.WriteAllText(At("final"), "old");
        File.WriteAllText(At("finished"), "new");
        DurableFile.ReplaceAtomic(At("finished"), At("final"));
        Assert.Equal("new", File.ReadAllText(At("final")));
        Assert.False(File.Exists(At("finished")));
    }

    [Fact]
    public void ReplaceAtomic_OtherDirectory_MovesThere()
    {
        Directory.CreateDirectory(At("other"));
        File.WriteAllText(At("finished"), "new");
        DurableFile.ReplaceAtomic(At("finished"), At("other/final"));
        Assert.Equal("new", File.ReadAllText(At("other/final")));
    }

    [Fact]
    public void ReplaceAtomic_MissingSource_NamesIt()
    {
        FileNotFoundException fault = Assert.Throws<FileNotFoundException>(
            () => DurableFile.ReplaceAtomic(At("missing"), At("final")));
        Assert.Contains(At("missing"), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReplaceAtomic_OtherFileSystem_IsRefusedInsteadOfCopied()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "needs a second file system: /dev/shm is not here");
        string source = Path.Combine("/dev/shm", Path.GetFileName(_directory));
        File.WriteAllText(source, "x");
        try
        {
            IOException fault = Assert.Throws<IOException>(() => DurableFile.ReplaceAtomic(source, At("final")));
            Assert.Contains("(errno 18). Both must be on one file system", fault.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(source));
            Assert.False(File.Exists(At("final")));
        }
        finally
        {
            File.Delete(source);
        }
    }

    [Fact]
    public void RenameDirectoryAtomic_FinishedDirectory_GetsItsName()
    {
        Directory.CreateDirectory(At("temporary"));
        File.WriteAllText(At("temporary/part-0"), "x");
        DurableFile.RenameDirectoryAtomic(At("temporary") + Path.DirectorySeparatorChar, At("final"));
        Assert.Equal("x", File.ReadAllText(At("final/part-0")));
        Assert.False(Directory.Exists(At("temporary")));
    }

    [Fact]
    public void RenameDirectoryAtomic_SomethingInItsPlace_IsRefusedAndChangesNothing()
    {
        SkipOnWindows();
        Directory.CreateDirectory(At("temporary"));
        Directory.CreateDirectory(At("full"));
        File.WriteAllText(At("full/part-0"), "old");
        File.WriteAllText(At("file"), "old");
        IOException full = Assert.Throws<IOException>(
            () => DurableFile.RenameDirectoryAtomic(At("temporary"), At("full")));
        Assert.Contains("Directory not empty (errno 39)", full.Message, StringComparison.Ordinal);
        IOException file = Assert.Throws<IOException>(
            () => DurableFile.RenameDirectoryAtomic(At("temporary"), At("file")));
        Assert.Contains("a file stands there", file.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(At("full/part-0")));
        Assert.Equal("old", File.ReadAllText(At("file")));
        Assert.True(Directory.Exists(At("temporary")));
    }

    [Fact]
    public void FsyncDirectory_Directory_Succeeds() => DurableFile.FsyncDirectory(_directory);

    [Fact]
    public void FsyncDirectory_MissingDirectory_NamesPathAndReason()
    {
        SkipOnWindows();
        IOException fault = Assert.Throws<IOException>(() => DurableFile.FsyncDirectory(At("missing")));
        Assert.Contains(
            $"could not open directory {At("missing")} to flush it: No such file or directory (errno 2)",
            fault.Message,
            StringComparison.Ordinal);
        Assert.Contains("It must exist and be readable", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FsyncDirectory_FileSystemWithoutFlush_DoesNothing()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a file system without flush: /proc is not here");
        DurableFile.FsyncDirectory("/proc");
    }

    [Fact]
    public void Fsync_FileThatCanNotBeFlushed_IsTold()
    {
        const string File = "/proc/self/status";
        Assert.SkipUnless(Path.Exists(File), "needs a file system without flush: /proc is not here");
        using SafeFileHandle file = System.IO.File.OpenHandle(File);
        // .NET takes EINVAL for success, and the bytes for durable.
        RandomAccess.FlushToDisk(file);
        IOException fault = Assert.Throws<IOException>(() => DurableFile.Fsync(file));
        Assert.Contains("flush a file to disk: Invalid argument (errno 22)", fault.Message, StringComparison.Ordinal);
    }

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows words and numbers its errors differently.");

    private string At(string name) => Path.Combine(_directory, name);
}
