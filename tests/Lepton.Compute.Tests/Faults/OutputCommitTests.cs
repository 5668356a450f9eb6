using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Outputs;

namespace Lepton.Compute.Tests.Faults;

/// <summary>An output appears whole or not at all.</summary>
public sealed class OutputCommitTests : IAsyncLifetime
{
    private Bench _bench = null!;
    private string _parent = "";

    public async ValueTask InitializeAsync()
    {
        _bench = await Bench.StartAsync(workers: 0, threads: 2);
        _parent = Directory.CreateDirectory(_bench.Path("out")).FullName;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Write_ToADirectoryThatIsThere_IsRefusedBeforeAnythingRuns()
    {
        string output = await WrittenAsync("first");

        IOException refused = await Assert.ThrowsAsync<IOException>(() => Lines("second").WriteTextAsync(output));

        Assert.Contains($"The output '{output}' is there already", refused.Message, StringComparison.Ordinal);
        Assert.Contains("WriteOptions.Overwrite", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["first 0", "first 1", "first 2"], Read(output));
        Assert.Equal([output], Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public async Task Write_ToAFile_IsRefusedAlsoWithOverwrite()
    {
        string output = Path.Combine(_parent, "file");
        await File.WriteAllTextAsync(output, "mine");

        await Assert.ThrowsAsync<IOException>(
            () => Lines("x").WriteTextAsync(output, new WriteOptions { Overwrite = true }));

        Assert.Equal("mine", await File.ReadAllTextAsync(output));
    }

    [Fact]
    public async Task Overwrite_OfADirectoryThatIsNoOutput_IsRefusedAndDeletesNothing()
    {
        string output = Directory.CreateDirectory(Path.Combine(_parent, "mine")).FullName;
        await File.WriteAllTextAsync(Path.Combine(output, "mine.txt"), "precious");

        IOException refused = await Assert.ThrowsAsync<IOException>(
            () => Lines("x").WriteTextAsync(output, new WriteOptions { Overwrite = true }));

        Assert.Equal(
            $"The directory '{output}' is no output: it holds files and no _SUCCESS. WriteOptions.Overwrite would " +
            "delete them, so it is refused. Choose another directory, or remove this one yourself.", refused.Message);
        Assert.Equal("precious", await File.ReadAllTextAsync(Path.Combine(output, "mine.txt")));
        Assert.Equal([output], Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public async Task Overwrite_OfALargerOutput_LeavesNothingOfIt()
    {
        string output = await WrittenAsync("first");
        await File.WriteAllTextAsync(Path.Combine(output, "part-00099.txt"), "stale");

        await Lines("second").WriteTextAsync(output, new WriteOptions { Overwrite = true });

        Assert.Equal(["second 0", "second 1", "second 2"], Read(output));
        Assert.Equal([output], Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public async Task Overwrite_ThatFails_LeavesTheOldOutput()
    {
        string output = await WrittenAsync("first");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Lines("second")
            .Select(line => line.EndsWith('2') ? throw new InvalidOperationException("no twos") : line)
            .WriteTextAsync(output, new WriteOptions { Overwrite = true }));

        Assert.Equal(["first 0", "first 1", "first 2"], Read(output));
        Assert.Equal([output], Directory.GetFileSystemEntries(_parent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_OutputIsThereMeanwhile_TheLogSaysThatTheJobFailed(bool checkpoint)
    {
        string output = Path.Combine(_parent, "lines");
        Dataset<string> taken = Lines("x").Select(line =>
        {
            Directory.CreateDirectory(output);
            return line;
        });

        IOException thrown = await Assert.ThrowsAsync<IOException>(() =>
            checkpoint ? taken.Checkpoint(output).CountAsync() : taken.WriteTextAsync(output));

        Assert.Contains("was made by somebody else", thrown.Message, StringComparison.Ordinal);
        JobFinished finished = Assert.Single((await _bench.EndAsync()).OfType<JobFinished>());
        Assert.False(finished.Succeeded);
        Assert.Contains("was made by somebody else", finished.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(output));
    }

    [Fact]
    public async Task Cancel_WhileWriting_LeavesNothing()
    {
        string begun = _bench.Path("begun");
        using var cancel = new CancellationTokenSource();
        Task<long> job = Lines("x")
            .SelectPartition((rows, context) =>
            {
                Gate.Open(begun);
                Gate.Hold(context.Cancellation);
                return rows;
            })
            .WriteTextAsync(Path.Combine(_parent, "lines"), cancellation: cancel.Token);
        await Gate.UntilAsync(() => File.Exists(begun), "a task begins to write");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);

        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public void Commit_WithFilesOfTwins_KeepsOnlyThoseThatCount()
    {
        string final = Path.Combine(_parent, "lines");
        using (var folder = new OutputFolder(final, new WriteOptions()))
        {
            File.WriteAllText(Path.Combine(folder.TemporaryPath, "0-1.txt"), "half");
            File.WriteAllText(Path.Combine(folder.TemporaryPath, "0-3.txt"), "whole");
            File.WriteAllText(Path.Combine(folder.TemporaryPath, "1-2.txt"), "whole");
            folder.Commit(["0-3.txt", "1-2.txt"], ".txt");

            // A twin that is only now told to stop finds its folder, and makes a file in it that nobody will see.
            File.WriteAllText(Path.Combine(folder.TemporaryPath, "1-4.txt"), "late");
            Assert.Equal(3, Directory.GetFiles(final).Length);
        }

        Assert.Equal(
            ["_SUCCESS", "part-00000.txt", "part-00001.txt"],
            Directory.GetFiles(final).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal(["whole", "whole"], Read(final));
        Assert.Equal([final], Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public void Abandon_BetweenTheTwoRenamesOfAnOverwrite_PutsTheOldOutputBack()
    {
        string final = Path.Combine(_parent, "lines");
        var folder = new OutputFolder(final, new WriteOptions());
        Directory.CreateDirectory(folder.TemporaryPath + ".whole");
        Directory.CreateDirectory(folder.TemporaryPath + ".replaced");
        File.WriteAllText(Path.Combine(folder.TemporaryPath + ".replaced", "part-00000.txt"), "old");

        OutputFolder.Abandon(folder.TemporaryPath);

        Assert.Equal(["old"], Read(final));
        Assert.Equal([final], Directory.GetFileSystemEntries(_parent));
    }

    private Dataset<string> Lines(string word) =>
        _bench.Session.Range(0, 3, partitions: 3).Select(row => $"{word} {row}");

    private async Task<string> WrittenAsync(string word)
    {
        string output = Path.Combine(_parent, "lines");
        Assert.Equal(3, await Lines(word).WriteTextAsync(output));
        Assert.True(File.Exists(Path.Combine(output, "_SUCCESS")));
        return output;
    }

    private static IEnumerable<string> Read(string output) =>
        Directory.GetFiles(output, "part-*").Order().SelectMany(File.ReadLines);
}
