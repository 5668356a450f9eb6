using Lepton.Compute.Datasets;
using Lepton.Compute.Outputs;

namespace Lepton.Compute.Tests.Outputs;

public sealed class OutputFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lepton-output-").FullName;

    private string Target => Path.Combine(_root, "result");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Commit_TasksAndTheirTwins_KeepsTheFilesThatCountUnderTheirFinalNames()
    {
        using (var folder = new OutputFolder(Target, new WriteOptions()))
        {
            Write(folder, "1-11.txt", "one");
            Write(folder, "0-10.txt", "zero");
            Write(folder, "1-12.txt", "twin");
            Assert.False(Directory.Exists(Target));
            folder.Commit(["0-10.txt", "1-11.txt"], ".txt", "note");
        }

        Assert.Equal(["_SUCCESS", "part-00000.txt", "part-00001.txt"], Names(Target));
        Assert.Equal("zero", File.ReadAllText(Path.Combine(Target, "part-00000.txt")));
        Assert.Equal("note", File.ReadAllText(Path.Combine(Target, "_SUCCESS")));
        Assert.Equal(["result"], Names(_root));
    }

    [Fact]
    public void Make_ParentIsAFileOrReadOnly_SaysWhichFolderAndWhatToDo()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        AssertRefused(Path.Combine(file, "result"), file);

        // Nobody may make a directory there, not even root.
        Assert.SkipUnless(Directory.Exists("/sys/kernel"), "Only Linux has a directory that is closed to root too.");
        AssertRefused("/sys/result", "/sys");

        static void AssertRefused(string path, string parent)
        {
            IOException refused = Assert.Throws<IOException>(() => new OutputFolder(path, new WriteOptions()));
            Assert.StartsWith($"The output '{path}' can't be made: ", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith(
                $". '{parent}' must be a directory, or a path where one can be made, in which this program may " +
                "create files: check the path, the permissions, and that the disk has room and is not mounted " +
                "read-only, or choose another directory.",
                refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(".lepton-", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Dispose_WithoutCommit_LeavesNothing()
    {
        using (var folder = new OutputFolder(Target, new WriteOptions()))
        {
            Write(folder, "0-1.txt", "half");
        }

        Assert.Empty(Names(_root));
    }

    [Fact]
    public void Dispose_ATaskStillWrites_CanMakeNoNewFile()
    {
        string path;
        using (var folder = new OutputFolder(Target, new WriteOptions()))
        {
            Write(folder, "0-1.txt", "half");
            path = Path.Combine(folder.TemporaryPath, "1-2.txt");
        }

        Assert.Throws<DirectoryNotFoundException>(() => File.WriteAllText(path, "late"));
        Assert.Empty(Names(_root));
    }

    [Fact]
    public void Open_TargetIsThere_SaysWhatToDo()
    {
        Directory.CreateDirectory(Target);
        IOException refused = Assert.Throws<IOException>(() => new OutputFolder(Target, new WriteOptions()));
        Assert.Equal(
            $"The output '{Target}' is there already. Choose another directory, remove it, or set " +
                $"WriteOptions.Overwrite.",
            refused.Message);
        Assert.Equal(["result"], Names(_root));
    }

    [Fact]
    public void Open_TargetIsAFile_RefusesToOverwriteIt()
    {
        File.WriteAllText(Target, "precious");
        Assert.Throws<IOException>(() => new OutputFolder(Target, new WriteOptions { Overwrite = true }));
        Assert.Equal("precious", File.ReadAllText(Target));
    }

    [Fact]
    public void Open_Root_SaysWhatIsNeeded()
    {
        IOException refused = Assert.Throws<IOException>(() => new OutputFolder("/", new WriteOptions()));
        Assert.Equal("'/' is a root; an output needs a directory of its own.", refused.Message);
    }

    [Fact]
    public void Open_NoPath_Throws() =>
        Assert.Throws<ArgumentException>("path", () => new OutputFolder("", new WriteOptions()));

    [Fact]
    public void Commit_Overwrite_ReplacesTheOldDirectory()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, OutputFolder.Marker), "");
        File.WriteAllText(Path.Combine(Target, "part-00007.txt"), "old");
        using (var folder = new OutputFolder(Target + "/", new WriteOptions { Overwrite = true }))
        {
            Write(folder, "0-1.txt", "new");
            Assert.Equal(["_SUCCESS", "part-00007.txt"], Names(Target));
            folder.Commit(["0-1.txt"], ".txt");
        }

        Assert.Equal(["_SUCCESS", "part-00000.txt"], Names(Target));
        Assert.Equal(["result"], Names(_root));
    }

    [Fact]
    public void Commit_SomebodyElseWasFirst_ChangesNothing()
    {
        using (var folder = new OutputFolder(Target, new WriteOptions()))
        {
            Directory.CreateDirectory(Target);
            IOException refused = Assert.Throws<IOException>(() => folder.Commit([], ".txt"));
            Assert.Equal(
                $"The output '{Target}' was made by somebody else while this job ran. Nothing of it was changed.",
                    refused.Message);
        }

        Assert.Empty(Names(Target));
        Assert.Equal(["result"], Names(_root));
    }

    private static void Write(OutputFolder folder, string name, string text) =>
        File.WriteAllText(Path.Combine(folder.TemporaryPath, name), text);

    private static string[] Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(path =>
            Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
