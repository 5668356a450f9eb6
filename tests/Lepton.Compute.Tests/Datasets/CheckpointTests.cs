using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Datasets;

public sealed class CheckpointTests(ThreadsSession threads) : IClassFixture<ThreadsSession>, IDisposable
{
    private readonly LeptonSession _session = threads.Session;
    private readonly TemporaryFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Checkpoint_SecondSession_ReadsWhatTheFirstSaved()
    {
        string path = _files.PathOf("saved");
        Dataset<int> saved = Counted("checkpoint").Checkpoint(path);
        Assert.Equal(0, await saved.FirstAsync());
        Assert.Equal(Enumerable.Range(0, 9), await saved.ToListAsync());
        Assert.Equal(["_SUCCESS", "part-00000.records", "part-00001.records", "part-00002.records"],
            _files.Names("saved"));
        Assert.Equal(9, Calls.Of("checkpoint"));

        await using LeptonSession second = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });
        Dataset<int> again = second.From([1, 2]).Select(i => Calls.Note("checkpoint", i)).Checkpoint(path);
        Assert.Equal(Enumerable.Range(0, 9).Reverse(), await again.OrderByDescending(i => i).ToListAsync());
        Assert.Equal([0], await again.TakeAsync(1));
        Assert.Equal(9, Calls.Of("checkpoint"));
    }

    [Fact]
    public async Task Checkpoint_ActionsAtTheSameTime_SaveOnce()
    {
        Dataset<int> saved = Counted("checkpoint twice").Checkpoint(_files.PathOf("saved"));
        long[] counts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => saved.CountAsync())));
        Assert.All(counts, count => Assert.Equal(9, count));
        Assert.Equal(9, Calls.Of("checkpoint twice"));
    }

    [Fact]
    public async Task Checkpoint_UserCodeThrows_LeavesNothingAndCanBeTriedAgain()
    {
        Dataset<int> broken = _session.From(Enumerable.Range(0, 9), 3).Select(i =>
            i / (i - 7)).Checkpoint(_files.PathOf("saved"));
        await Assert.ThrowsAsync<DivideByZeroException>(() => broken.CountAsync());
        Assert.Empty(_files.Names());
        await Assert.ThrowsAsync<DivideByZeroException>(() => broken.CountAsync());
        Assert.Empty(_files.Names());
    }

    [Fact]
    public async Task Checkpoint_OtherType_SaysWhatItHolds()
    {
        string path = _files.PathOf("saved");
        await Counted("checkpoint type").Checkpoint(path).CountAsync();
        IOException refused = await Assert.ThrowsAsync<IOException>(() =>
            _session.From(["a"]).Checkpoint(path).CountAsync());
        Assert.Equal(
            $"The checkpoint '{path}' holds records of System.Int32, and System.String was asked for. Use another " +
            "directory, or remove this one to have it made anew.",
            refused.Message);
    }

    /// <summary>Fields travel by their order: read with others, columns would change places without a word.</summary>
    [Fact]
    public async Task Checkpoint_FieldsChanged_SaysWhatItHolds()
    {
        string path = _files.PathOf("saved");
        await _session.From([new Order(1, 2)]).Checkpoint(path).CountAsync();
        string marker = Path.Combine(path, "_SUCCESS");
        string text = await File.ReadAllTextAsync(marker);
        string shape = typeof(Order).FullName + "{Amount:System.Int32,Price:System.Int32}";
        Assert.Equal($"1 {shape}", text);
        await File.WriteAllTextAsync(marker, text.Replace("Amount", "Units", StringComparison.Ordinal));
        IOException refused = await Assert.ThrowsAsync<IOException>(() =>
            _session.From([new Order(1, 2)]).Checkpoint(path).CountAsync());
        Assert.Contains($"and {shape} was asked for", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("-3 System.Int32")]
    [InlineData("many System.Int32")]
    public async Task Checkpoint_DirectoryIsSomethingElse_IsLeftAlone(string? marker)
    {
        string path = Directory.CreateDirectory(_files.PathOf("mine")).FullName;
        if (marker is not null)
        {
            _files.Write("mine/_SUCCESS", marker);
        }

        IOException refused = await Assert.ThrowsAsync<IOException>(() =>
            _session.From([1]).Checkpoint(path).CountAsync());
        Assert.Equal(
            $"'{path}' is not a checkpoint: its _SUCCESS file is missing or of another kind. Give Checkpoint a " +
                $"directory of its own.",
            refused.Message);
    }

    [Fact]
    public async Task Checkpoint_PartIsGoneOrDamaged_Fails()
    {
        string path = _files.PathOf("saved");
        Dataset<int> saved = Counted("checkpoint damaged").Checkpoint(path);
        await saved.CountAsync();
        File.WriteAllText(Path.Combine(path, "part-00001.records"), "no records");
        Exception damaged = await Assert.ThrowsAnyAsync<Exception>(() => saved.CountAsync());
        Assert.Equal($"{Path.Combine(path, "part-00001.records")} is not a complete shuffle file.", damaged.Message);
        File.Delete(Path.Combine(path, "part-00001.records"));
        await Assert.ThrowsAsync<FileNotFoundException>(() => saved.CountAsync());
    }

    [Fact]
    public async Task Checkpoint_NoRecords_IsSavedToo()
    {
        Dataset<string> none = _session.ReadText(_files.Write("empty.txt", "")).Checkpoint(_files.PathOf("saved"));
        Assert.Equal(0, await none.CountAsync());
        Assert.Equal(0, await none.CountAsync());
        Assert.Equal(["_SUCCESS"], _files.Names("saved"));
    }

    private Dataset<int> Counted(string name) =>
        _session.From(Enumerable.Range(0, 9), 3).Select(i => Calls.Note(name, i));

    private sealed record Order(int Amount, int Price);
}
