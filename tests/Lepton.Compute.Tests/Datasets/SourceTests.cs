using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Formats;
using Lepton.Compute.Tests.Formats;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static Lepton.Compute.Tests.Datasets.DatasetExtensions;

namespace Lepton.Compute.Tests.Datasets;

public sealed class SourceTests(ThreadsSession threads) : IClassFixture<ThreadsSession>, IDisposable
{
    private readonly LeptonSession _session = threads.Session;
    private readonly TemporaryFolder _files = new();

    private sealed record Point(int X, int Y);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task ReadCsv_MalformedRowsSkipped_AreCountedAndListed()
    {
        string path = _files.Write("points.csv", "x,y\n1,2\n3,oops\n5,6\nbad,8\n9,10\n");
        string log = _files.PathOf("log.jsonl");
        await using (LeptonSession session = await LeptonSession.LocalAsync(
            threads: 2, options: new LeptonSessionOptions { EventLogPath = log }))
        {
            Dataset<Point> points = session.ReadCsv<Point>(path, new CsvOptions { OnError = OnError.Skip },
                splitBytes: 9);
            Assert.Equal([new(1, 2), new(5, 6), new(9, 10)], await points.ToListAsync());
            Assert.Equal(2, session.Statistics.RowsSkipped);
        }

        RowsSkipped[] skipped = [.. EventLogReader.Read(log).OfType<RowsSkipped>()];
        Assert.Equal(2, skipped.Sum(rows => rows.Count));
        Assert.All(skipped, rows => Assert.Equal(path, rows.File));
        string[] samples = [.. skipped.SelectMany(rows => rows.Samples).Order(StringComparer.Ordinal)];
        Assert.Contains("line 3", samples[0], StringComparison.Ordinal);
        Assert.Contains("'oops'", samples[0], StringComparison.Ordinal);
        Assert.Contains("line 5", samples[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadCsv_MalformedRow_NamesItAndTheTask()
    {
        string path = _files.Write("points.csv", "x,y\n1,2\n3,oops\n");
        MalformedRowException e = await Assert.ThrowsAsync<MalformedRowException>(() =>
            _session.ReadCsv<Point>(path).CountAsync());
        Assert.Equal((3, "oops"), (e.Error.Line, e.Error.Value));
        TaskFailure where = TaskFailure.Of(e)!;
        Assert.Equal((0, 0, "threads"), (where.Partition, where.Attempt, where.Worker));
        Assert.EndsWith("partition 0, attempt 0, worker threads", where.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_FileIsNotThere_SaysSoAtTheAction()
    {
        Dataset<string> missing = _session.ReadText(_files.PathOf("none.txt"));
        SourceNotFoundException e = await Assert.ThrowsAsync<SourceNotFoundException>(() => missing.CountAsync());
        Assert.Contains(_files.PathOf("none.txt"), e.Message, StringComparison.Ordinal);
        _files.Write("none.txt", "now\n");
        Assert.Equal(["now"], missing.Collect());
    }

    [Fact]
    public async Task ReadCsv_NoRows_IsAnError()
    {
        string path = _files.Write("empty.csv", "x,y\n");
        await Assert.ThrowsAsync<EmptySourceException>(() => _session.ReadCsv<Point>(path).CountAsync());
    }

    [Fact]
    public async Task ReadText_EmptyFile_EveryOperatorTakesIt()
    {
        Dataset<string> none = _session.ReadText(_files.Write("empty.txt", ""));
        Assert.Equal(0, await none.CountAsync());
        Assert.Empty(none.Select(s => s).Where(_ => true).SelectMany(s => s).Collect());
        Assert.Empty(none.Union(none).Distinct().Collect());
        Assert.Empty(none.Repartition(3).Collect());
        Assert.Empty(none.OrderBy(s => s).Collect());
        Assert.Empty(none.OrderBy(s => s, partitions: 4).ThenBy(s => s.Length).Collect());
        Assert.Empty(none.GroupBy(s => s).Collect());
        Assert.Empty(none.CountByKey(s => s.Length, partitions: 2).Collect());
        Assert.Empty(none.Join(none, s => s, s => s, (a, b) => a + b).Collect());
        Assert.Empty(none.FullJoin(none, s => s, s => s, (a, b) => a + b).Collect());
        Assert.Empty(none.Sample(0.5, 1).Cache().Collect());
        Assert.Empty(await none.TakeAsync(5));
        Assert.Equal(0, await none.SumAsync(s => s.Length));
        await none.ForEachAsync(_ => throw new InvalidOperationException("never called"));
    }

    [Fact]
    public void ReadText_AnySplit_GivesTheSame()
    {
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), i % 37))];
        string path = _files.Write("lines.txt", string.Join('\n', lines));
        foreach (long splitBytes in new long[] { 1, 2, 13, 100, 1000, SessionSources.SplitBytesDefault })
        {
            Assert.Equal(lines, _session.ReadText(path, splitBytes).Collect());
        }
    }

    [Fact]
    public async Task ReadUrls_NotHttp_NamesTheFirst()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            "urls", () => _session.ReadUrls(["http://localhost/a", "ftp://x/y", "b"]));
        Assert.StartsWith(
            "2 of 3 URLs are not absolute HTTP addresses, the first is 'ftp://x/y'. Expected addresses like " +
                "https://host/path.",
            e.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _session.ReadUrls([]).CountAsync());
    }

    [Fact]
    public async Task ReadUrls_AllPartitionsRead_ClosesItsConnections()
    {
        var open = new System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource>();
        await using UrlServer server = await UrlServer.StartAsync(async context =>
        {
            TaskCompletionSource closed = open.GetOrAdd(context.Connection.Id, _ => new TaskCompletionSource());
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed
                .Register(() => closed.TrySetResult());
            await context.Response.WriteAsync("body");
        });
        string[] urls = [.. Enumerable.Range(0, 6).Select(i => server.Url($"/{i}").AbsoluteUri)];
        Assert.Equal(6, await _session.ReadUrls(urls, partitions: 3).CountAsync());
        Assert.NotEmpty(open);
        await Task.WhenAll(open.Values.Select(closed => closed.Task)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void UrlContent_Text_IsUtf8() => Assert.Equal("ä", new UrlContent("http://x/", [0xc3, 0xa4]).Text());

    [Fact]
    public async Task From_RecordThatCannotBeCoded_IsRefusedBeforeAnythingRuns()
    {
        Dataset<Stream> streams = _session.Generate(2, _ => Calls.Note("uncodable", new Stream[1]));
        Lepton.Core.Records.UncodableTypeException e =
            await Assert.ThrowsAsync<Lepton.Core.Records.UncodableTypeException>(() => streams.ToListAsync());
        Assert.Equal(typeof(Stream), e.Type);
        Assert.Equal(0, Calls.Of("uncodable"));
        Assert.Equal(2, Wait(streams.CountAsync()));
    }
}
