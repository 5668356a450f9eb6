using System.IO.Compression;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Compute.Tests.Datasets;
using Lepton.Objects;

namespace Lepton.Compute.Tests.Objects;

[Collection(StoreCollection.Name)]
public sealed class ObjectReadTests(SharedStore store, ThreadsSession threads) : ObjectTest(store, threads)
{
    private static readonly string[] s_lines = [.. Enumerable.Range(0, 40_000).Select(i =>
        $"line {i} {i * 7919 % 1009}")];

    private sealed record Row(string Name, int Number);

    private static string Text => string.Concat(s_lines.Select(line => line + "\n"));

    [Fact]
    public async Task ReadText_Object_IsReadByRanges()
    {
        string url = await PutAsync("lines.txt", Text);
        Assert.Equal(s_lines, await Session.ReadText(url, splitBytes: 50_000).ToListAsync(Cancellation));
        Assert.Equal(s_lines.Length, await Session.ReadUtf8Text(url).CountAsync(Cancellation));
    }

    [Fact]
    public async Task ReadText_LineLongerThanARange_IsWhole()
    {
        string line = new('x', 3_000_000);
        string url = await PutAsync("long.txt", $"a\n{line}\nb");
        Assert.Equal(["a", line, "b"], await Session.ReadText(url, splitBytes: 1_000_000).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task ReadText_Gzip_IsDecompressed()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Text), Cancellation);
        }

        string url = await PutAsync("lines.gz", packed.ToArray());
        Assert.Equal(s_lines, await Session.ReadText(url).ToListAsync(Cancellation));
        string cut = await PutAsync("cut.gz", packed.ToArray()[..^9]);
        UnreadableFileException damaged = await Assert.ThrowsAsync<UnreadableFileException>(
            () => Session.ReadText(cut).CountAsync(Cancellation));
        Assert.StartsWith($"{cut} is a truncated or corrupt gzip file", damaged.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a.txt b.txt")]
    [InlineData("*.txt", "a.txt b.txt")]
    [InlineData("?.txt", "a.txt b.txt")]
    [InlineData("_*", "_hidden.txt")]
    [InlineData("**/*.txt", "a.txt b.txt deep/er/d.txt sub/c.txt")]
    [InlineData("**", "a.txt b.txt deep/er/d.txt sub/c.txt")]
    [InlineData("*/c.txt", "sub/c.txt")]
    [InlineData("sub", "sub/c.txt")]
    [InlineData("sub/", "sub/c.txt")]
    [InlineData("b.txt", "b.txt")]
    public async Task ReadText_FolderOrPattern_ReadsWhatAFolderOnADiskWould(string path, string expected)
    {
        string[] names = ["a.txt", "b.txt", "_hidden.txt", ".hidden.txt", "sub/c.txt", "deep/er/d.txt", "_sub/e.txt"];
        foreach (string name in names)
        {
            await PutAsync(name, name + "\n");
        }

        List<string> read = await Session.ReadText(path.Length == 0 ? Folder.ToString() : UrlOf(path))
            .ToListAsync(Cancellation);
        Assert.Equal(expected, string.Join(' ', read));
    }

    [Fact]
    public async Task ReadCsvAndJson_Objects_GiveTheirRows()
    {
        Row[] rows = [.. Enumerable.Range(0, 2000).Select(i => new Row($"a \"{i}\"\nb", i))];
        string csv = await PutAsync("rows.csv", "name,number\n" + string.Concat(
            rows.Select(row => $"\"{row.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{row.Number}\n")));
        string json = await PutAsync("rows.jsonl", string.Concat(
            rows.Select(row => System.Text.Json.JsonSerializer.Serialize(row) + "\n")));
        Assert.Equal(rows, await Session.ReadCsv<Row>(csv, splitBytes: 3000).ToListAsync(Cancellation));
        Assert.Equal(rows, await Session.ReadJsonLines<Row>(json, splitBytes: 3000).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task ReadCsv_RowIsMalformed_TellsUrlAndLine()
    {
        string url = await PutAsync("rows.csv", "name,number\na,1\nb,two\n");
        MalformedRowException error = await Assert.ThrowsAsync<MalformedRowException>(
            () => Session.ReadCsv<Row>(url).ToListAsync(Cancellation));
        Assert.Contains($"{url}, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadText_NothingThere_TellsWhatIsNear()
    {
        await PutAsync("lines.txt", "a\n");
        await AssertMissingAsync(
            UrlOf("lines.tx"),
            $"There is no object {UrlOf("lines.tx")}, and no folder of that name. The nearest name in {Folder} is " +
            "'lines.txt'. Correct the path.");
        await AssertMissingAsync(UrlOf("*.csv"), $"The pattern '{UrlOf("*.csv")}' matches no object.");
        await AssertMissingAsync("s3://", "'s3://' names no bucket.");
        await AssertMissingAsync("s3://no-such-bucket/a.txt", "s3://no-such-bucket/a.txt/: ");

        async Task AssertMissingAsync(string path, string message)
        {
            SourceNotFoundException error = await Assert.ThrowsAsync<SourceNotFoundException>(
                () => Session.ReadText(path).CountAsync(Cancellation));
            Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
            Assert.Equal(ExitCodes.MissingFile, ExitCodes.Of(error));
        }
    }

    [Fact]
    public async Task ReadText_StoreIsBusyAndConnectionsBreak_GivesEachLineOnce()
    {
        string url = await PutAsync("lines.txt", Text);
        using FaultyStore.Fault busy = Store.Faults.Busy(
            (method, target) => IsReadOf(method, target), 1);
        using FaultyStore.Fault cut = Store.Faults.Cut(
            (method, target) => IsReadOf(method, target), 5, 100_000);
        Assert.Equal(s_lines, await Session.ReadText(url).ToListAsync(Cancellation));
        Assert.Equal((1, 5), (busy.Taken, cut.Taken));
    }

    [Fact]
    public async Task ReadText_ConnectionsBreakWithoutAByte_FailsAfterSomeAttempts()
    {
        string url = await PutAsync("lines.txt", "a\nb\n");
        using FaultyStore.Fault cut = Store.Faults.Cut(
            (method, target) => IsReadOf(method, target),
            int.MaxValue, 0);
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "", RetriesMax = 0 });
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => session.ReadText(url).CountAsync(Cancellation));
        Assert.Contains(url, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadText_ObjectReplacedSincePlanning_FailsAndSaysSo()
    {
        string url = await PutAsync("lines.txt", Text);
        Dataset<string> lines = Session.ReadText(url, splitBytes: 50_000);
        Assert.Equal(s_lines.Length, await lines.CountAsync(Cancellation));
        await PutAsync("lines.txt", Text.ToUpperInvariant());
        StoreRefusedException error = await Assert.ThrowsAsync<StoreRefusedException>(
            () => lines.CountAsync(Cancellation));
        Assert.StartsWith($"{url} was replaced since the job was planned. ", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.MissingFile, ExitCodes.Of(error));
    }

    /// <summary>One task has begun to read and loses its connection; it must not go on in the new version.</summary>
    [Fact]
    public async Task ReadText_ObjectReplacedInTheMiddleOfARead_FailsAndSaysSo()
    {
        string url = await PutAsync("lines.txt", Text);
        int requests = 0;
        using FaultyStore.Fault cut = Store.Faults.On(
            (method, target) => IsReadOf(method, target),
            2,
            async (_, forward) =>
            {
                if (Interlocked.Increment(ref requests) == 1)
                {
                    await forward(100_000);
                    return;
                }

                await PutAsync("lines.txt", Text.ToUpperInvariant());
                await forward(int.MaxValue);
            });
        StoreRefusedException error = await Assert.ThrowsAsync<StoreRefusedException>(
            () => Session.ReadText(url).CountAsync(Cancellation));
        Assert.StartsWith($"{url} was replaced since the job was planned. ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadText_ObjectDeletedSincePlanning_FailsAndSaysSo()
    {
        string url = await PutAsync("lines.txt", Text);
        Dataset<string> lines = Session.ReadText(url);
        Assert.Equal(s_lines.Length, await lines.CountAsync(Cancellation));
        await Store.Objects.DeleteAsync([Folder.Child("lines.txt")], Cancellation);
        SourceNotFoundException error = await Assert.ThrowsAsync<SourceNotFoundException>(
            () => lines.CountAsync(Cancellation));
        Assert.StartsWith($"There is no object {url} any more", error.Message, StringComparison.Ordinal);
    }

    private bool IsReadOf(string method, string target) => method == "GET" && IsHere(target)
        && target.Contains("lines.txt", StringComparison.Ordinal);
}
