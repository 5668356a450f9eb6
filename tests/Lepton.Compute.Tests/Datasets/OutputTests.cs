using FsCheck.Fluent;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using static Lepton.Compute.Tests.Datasets.DatasetExtensions;

namespace Lepton.Compute.Tests.Datasets;

public sealed class OutputTests(ThreadsSession threads) : IClassFixture<ThreadsSession>, IDisposable
{
    private readonly LeptonSession _session = threads.Session;
    private readonly TemporaryFolder _files = new();
    private int _last;

    private sealed record Row(string Name, int Number, double? Score);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void WriteCsvAsync_AnyRows_ReadBackAsTheyWere() => Prop.ForAll<(int, byte)[], int>((items, p) =>
    {
        Row[] rows = [.. items.Select(item =>
            new Row($"a,\"{item.Item2}\"\nb", item.Item1, item.Item2 > 99 ? null : item.Item2 / 3.0))];
        string path = Fresh();
        return Wait(_session.In(rows, p).WriteCsvAsync(path, options: s_fast)) == rows.Length
            && (rows.Length == 0 || _session.ReadCsv<Row>(path, splitBytes: 20).Collect().SequenceEqual(rows));
    }).Holds(8);

    [Fact]
    public void WriteJsonLinesAsync_AnyRows_ReadBackAsTheyWere() => Prop.ForAll<(int, byte)[], int>((items, p) =>
    {
        Row[] rows = [.. items.Select(item => new Row($"ä\"{item.Item2}\n", item.Item1, item.Item2 / 3.0))];
        string path = Fresh();
        return Wait(_session.In(rows, p).WriteJsonLinesAsync(path, s_fast)) == rows.Length
            && _session.ReadJsonLines<Row>(path, splitBytes: 50).Collect().SequenceEqual(rows);
    }).Holds(8);

    [Fact]
    public void WriteTextAsync_AnyLines_ReadBackAsTheyWere() => Prop.ForAll<int[], int>((items, p) =>
    {
        string[] lines = [.. items.Select(i => new string('ß', Math.Abs(i % 5)))];
        string first = Fresh();
        string second = Fresh();
        return Wait(_session.In(lines, p).WriteTextAsync(first, s_fast)) == lines.Length
            && _session.ReadText(first, splitBytes: 3).Collect().SequenceEqual(lines)
            && Wait(_session.ReadUtf8Text(first).WriteTextAsync(second, s_fast)) == lines.Length
            && _session.ReadUtf8Text(second, splitBytes: 7).Select(line =>
                line.ToString()).Collect().SequenceEqual(lines);
    }).Holds(8);

    [Fact]
    public async Task Write_SeveralPartitions_GivesAFileEachAndTheMarker()
    {
        await _session.From(["a", "b", "c"], 3).WriteTextAsync(_files.PathOf("out"));
        Assert.Equal(["_SUCCESS", "part-00000.txt", "part-00001.txt", "part-00002.txt"], _files.Names("out"));
        Assert.Equal("b\n", await File.ReadAllTextAsync(_files.PathOf("out/part-00001.txt")));
        Assert.Equal(["out"], _files.Names());
    }

    [Fact]
    public async Task Write_UserCodeThrows_LeavesNothing()
    {
        Dataset<string> broken = _session.Range(0, 20_000, 8).Select(i =>
            i == 19_999 ? throw new FormatException("bad") : $"{i}");
        Assert.Equal("bad", (await Assert.ThrowsAsync<FormatException>(() =>
            broken.WriteTextAsync(_files.PathOf("out")))).Message);
        Assert.Empty(_files.Names());
    }

    [Fact]
    public async Task Write_UserCodeThrows_LeavesTheOldOutput()
    {
        await _session.From(["old"]).WriteTextAsync(_files.PathOf("out"));
        Dataset<string> broken = _session.From([1, 0], 2).Select(i => $"{1 / i}");
        await Assert.ThrowsAsync<DivideByZeroException>(
            () => broken.WriteTextAsync(_files.PathOf("out"), new WriteOptions { Overwrite = true }));
        Assert.Equal(["old"], _session.ReadText(_files.PathOf("out")).Collect());
        Assert.Equal(["out"], _files.Names());
    }

    [Fact]
    public async Task Write_Cancelled_LeavesNothing()
    {
        using var canceller = new CancellationTokenSource();
        Dataset<string> endless = _session.Generate(4, p => Enumerable.Range(0, int.MaxValue).Select(i => $"{p} {i}"));
        Task<long> writing = endless.WriteTextAsync(_files.PathOf("out"), cancellation: canceller.Token);
        canceller.CancelAfter(TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.Empty(_files.Names());
    }

    [Fact]
    public async Task Write_OutputIsThere_IsRefusedBeforeAnythingRuns()
    {
        Directory.CreateDirectory(_files.PathOf("out"));
        Dataset<string> data = _session.From(["a"]).Select(s => Calls.Note("refused output", s));
        IOException refused = await Assert.ThrowsAsync<IOException>(() => data.WriteTextAsync(_files.PathOf("out")));
        Assert.StartsWith($"The output '{_files.PathOf("out")}' is there already.", refused.Message,
            StringComparison.Ordinal);
        Assert.Equal(0, Calls.Of("refused output"));
    }

    [Fact]
    public async Task Write_TypeThatIsNoRow_LeavesNothing()
    {
        await Assert.ThrowsAsync<UnmappableTypeException>(
            () => _session.From([new int[][] { [1] }]).WriteCsvAsync(_files.PathOf("out")));
        Assert.Empty(_files.Names());
    }

    [Fact]
    public async Task Write_RowThatCannotBeWritten_LeavesNothing()
    {
        await Assert.ThrowsAsync<UnwritableRecordException>(
            () => _session.From(["a", null!]).WriteTextAsync(_files.PathOf("out")));
        Assert.Empty(_files.Names());
    }

    [Fact]
    public async Task Write_NoRecords_GivesWhatCanBeReadAgain()
    {
        Assert.Equal(0, await _session.From(Array.Empty<Row>()).WriteCsvAsync(_files.PathOf("csv")));
        Assert.Equal(["_SUCCESS", "part-00000.csv"], _files.Names("csv"));
        Assert.Equal(0, await _session.ReadText(_files.Write("empty.txt", "")).WriteTextAsync(_files.PathOf("text")));
        Assert.Equal(["_SUCCESS", "part-00000.txt"], _files.Names("text"));
        Assert.Empty(_session.ReadText(_files.PathOf("text")).Collect());
    }

    private static readonly WriteOptions s_fast = new() { Durable = false };

    private string Fresh() => _files.PathOf($"{++_last}");
}
