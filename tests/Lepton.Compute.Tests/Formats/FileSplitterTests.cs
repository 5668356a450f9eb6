using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class FileSplitterTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    private string[] Resolve(params string[] paths) =>
        [.. FileSplitter.Resolve(paths)
            .Select(file => Path.GetRelativePath(_files.Root, file.Path).Replace('\\', '/'))];

    private SourceNotFoundException Fails(string path) =>
        Assert.Throws<SourceNotFoundException>(() => FileSplitter.Resolve([path]));

    [Fact]
    public void Resolve_Directory_GivesItsFilesInOrdinalOrderWithoutMarkers()
    {
        foreach (string name in (string[])["b.csv", "B.csv", "a.csv", "_SUCCESS", ".hidden", "sub/c.csv"])
        {
            _files.Write(name, "x");
        }

        Assert.Equal(["B.csv", "a.csv", "b.csv"], Resolve(_files.Root));
    }

    [Fact]
    public void Resolve_Globs_MatchNamesAndDirectories()
    {
        foreach (string name in (string[])["1/a.csv", "1/_a.csv", "1/2/b.csv", "1/2/b.txt", "1/_tmp/x.csv", "10/c.csv",
            "d.csv"])
        {
            _files.Write(name, "x");
        }

        Assert.Equal(["d.csv"], Resolve(_files.PathOf("*.csv")));
        Assert.Equal(["1/a.csv", "10/c.csv"], Resolve(_files.PathOf("*/*.csv")));
        Assert.Equal(["1/a.csv"], Resolve(_files.PathOf("?/?.csv")));
        Assert.Equal(["1/2/b.csv", "1/a.csv", "10/c.csv", "d.csv"], Resolve(_files.PathOf("**/*.csv")));
        Assert.Equal(["1/2/b.csv", "1/2/b.txt", "1/a.csv"], Resolve(_files.PathOf("1/**")));
        Assert.Equal(["1/_a.csv"], Resolve(_files.PathOf("1/_*.csv")));
    }

    [Fact]
    public void Resolve_FileNamedTwice_GivesItOnce()
    {
        _files.Write("a.csv", "x");
        Assert.Equal(["a.csv"], Resolve(_files.PathOf("a.csv"), _files.PathOf("*.csv")));
    }

    [Fact]
    public void Resolve_MissingFile_NamesTheNearest()
    {
        _files.Write("iris.csv", "x");
        SourceNotFoundException error = Fails(_files.PathOf("iriss.csv"));
        Assert.Equal(
            $"There is no file {_files.PathOf("iriss.csv")}. The nearest name in {_files.Root} is 'iris.csv'. " +
            "Correct the path.",
            error.Message);
        Assert.Equal(_files.PathOf("iriss.csv"), error.Path);
    }

    [Fact]
    public void Resolve_MissingFileWithNothingNear_SaysSo() => Assert.Equal(
        $"There is no file {_files.PathOf("x.csv")}. Nothing in {_files.Root} has a name like 'x.csv'. Correct the " +
        "path.",
        Fails(_files.PathOf("x.csv")).Message);

    [Fact]
    public void Resolve_RelativePath_NamesTheCurrentDirectory()
    {
        SourceNotFoundException error = Fails("no-such-file-here.csv");
        Assert.EndsWith(
            $"'no-such-file-here.csv' was taken from the current directory {Directory.GetCurrentDirectory()}.",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_MissingDirectory_NamesTheNearestDirectory()
    {
        _files.Write("samples/data/iris.csv", "x");
        Assert.Equal(
            $"There is no file {_files.PathOf("sample/data/iris.csv")}: {_files.Root} has no 'sample'. The nearest " +
            $"name in {_files.Root} is 'samples'. Correct the path.",
            Fails(_files.PathOf("sample/data/iris.csv")).Message);
    }

    [Fact]
    public void Resolve_DirectoryWithMarkersOnly_SaysWhatDoesNotCount()
    {
        _files.Write("_SUCCESS", "");
        Assert.Equal(
            $"The directory {_files.Root} holds no files to read (names that start with '_' or '.' don't count, and " +
            $"directories in it are not entered). Name the files, or use {_files.PathOf("**/*")} for all below it.",
            Fails(_files.Root).Message);
    }

    [Fact]
    public void Resolve_GlobWithoutMatch_SaysSo()
    {
        const string rules = "'*' and '?' stand for parts of one name, '**' for any directories, and names that " +
            "start with '_' or '.' are left out.";
        Assert.Equal(
            $"The pattern '{_files.PathOf("*.csv")}' matches no file. {_files.Root} is there, but nothing in it " +
            $"fits. {rules}",
            Fails(_files.PathOf("*.csv")).Message);
        Assert.Equal(
            $"The pattern '{_files.PathOf("no/*.csv")}' matches no file. There is no directory " +
            $"{_files.PathOf("no")}. " +
            $"{rules}",
            Fails(_files.PathOf("no/*.csv")).Message);
    }

    [Fact]
    public void Resolve_NoPathOrEmptyPath_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => FileSplitter.Resolve([]));
        Assert.Equal("An empty path was given: name a file, a directory or a pattern.", Fails(" ").Message);
    }

    [Fact]
    public void Split_PlainGzipAndEmptyFiles_CoverEachByteOnce()
    {
        _files.Write("a.txt", new byte[25]);
        _files.Write("b.txt", "");
        string gzip = _files.WriteGzip("c.txt.gz", new byte[1000]);
        IReadOnlyList<FileSplit> splits = FileSplitter.Split(FileSplitter.Resolve([_files.Root]), 10);
        string plain = _files.PathOf("a.txt");
        Assert.Equal(
            [
                new FileSplit(plain, 0, 9, false), new FileSplit(plain, 9, 8, false),
                    new FileSplit(plain, 17, 8, false),
                new FileSplit(gzip, 0, long.MaxValue, true),
            ],
            splits);
    }

    [Fact]
    public void Split_LittleMoreThanTwoSplits_AreTwoOfTheSameLength()
    {
        _files.Write("a.txt", new byte[201]);
        IReadOnlyList<FileSplit> splits = FileSplitter.Split(FileSplitter.Resolve([_files.Root]), 100);
        Assert.Equal([101L, 100L], splits.Select(split => split.LengthBytes));
    }

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(11, 10, 1)]
    [InlineData(12, 10, 2)]
    [InlineData(40, 10, 4)]
    [InlineData(42, 10, 8)]
    [InlineData(81, 10, 8)]
    [InlineData(82, 10, 12)]
    [InlineData(6, 1, 6)]
    [InlineData(long.MaxValue, 1L << 50, 8192)]
    public void Borders_Any_CutPartsThatDifferByAByte(long bytes, long splitBytes, int parts)
    {
        IReadOnlyList<long> starts = FileSplitter.Borders(bytes, splitBytes);

        Assert.Equal(parts, starts.Count);
        long[] lengths = [.. starts.Skip(1).Append(bytes).Zip(starts, static (end, start) => end - start)];
        Assert.Equal(0, starts[0]);
        Assert.InRange(lengths.Max() - lengths.Min(), 0, 1);
        Assert.InRange(lengths.Max(), 1, splitBytes + (splitBytes / 10) + 1);
    }
}
