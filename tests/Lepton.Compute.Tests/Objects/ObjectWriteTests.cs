using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Compute.Tests.Datasets;
using Lepton.Objects;

namespace Lepton.Compute.Tests.Objects;

[Collection(StoreCollection.Name)]
public sealed class ObjectWriteTests(SharedStore store, ThreadsSession threads) : ObjectTest(store, threads)
{
    private static readonly WriteOptions s_overwrite = new() { Overwrite = true };

    private sealed record Row(string Name, int Number);

    [Fact]
    public async Task Write_SeveralPartitions_GivesAnObjectEachAndTheMarker()
    {
        Dataset<string> data = Session.From(["a", "b", "c"], 3);
        Assert.Equal(3, await data.WriteTextAsync(UrlOf("out"), cancellation: Cancellation));
        string[] names = await NamesAsync();
        Assert.Equal(4, names.Length);
        Assert.Equal("out/_SUCCESS", names[0]);
        Assert.Matches("^out/part-00001-[0-9a-f]{12}\\.txt$", names[2]);
        Assert.Equal("b\n", await TextOfAsync(names[2]));
        string[] parts = [.. names.Skip(1).Select(name => name["out/".Length..])];
        Assert.Equal($"\n{string.Join('\n', parts)}\n", await TextOfAsync(names[0]));
        Assert.Equal(["a", "b", "c"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal(["a", "b", "c"], await Session.ReadText(UrlOf("out/*.txt")).ToListAsync(Cancellation));
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Write_PartsLongerThanOnePiece_ReadBackAsTheyWere()
    {
        string line = new('x', 99);
        await Session.Range(0, 400_000, 2).Select(i => $"{i} {line}").WriteTextAsync(
            UrlOf("out"), cancellation: Cancellation);
        Assert.Equal(
            Enumerable.Range(0, 400_000).Sum(i => (long)i),
            await Session.ReadText(UrlOf("out"), 5_000_000).Select(text => long.Parse(
                text.AsSpan(0, text.IndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture))
                .SumAsync(i => i, Cancellation));
    }

    [Fact]
    public async Task Write_EveryFormat_ReadsBackAsItWas()
    {
        Row[] rows = [.. Enumerable.Range(0, 100).Select(i => new Row($"a,\"{i}\"\nb", i))];
        Dataset<Row> source = Session.From(rows, 3);
        await source.WriteCsvAsync(UrlOf("csv"), cancellation: Cancellation);
        await source.WriteJsonLinesAsync(UrlOf("json"), cancellation: Cancellation);
        Assert.Equal(rows, await Session.ReadCsv<Row>(UrlOf("csv")).ToListAsync(Cancellation));
        Assert.Equal(rows, await Session.ReadJsonLines<Row>(UrlOf("json")).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Write_EmptyPartitionsOrNoRecords_GivesWhatCanBeReadAgain()
    {
        await Session.From(["a", "b"], 2).Where(text => text == "b").WriteTextAsync(
            UrlOf("some"), cancellation: Cancellation);
        Assert.Equal(["b"], await Session.ReadText(UrlOf("some")).ToListAsync(Cancellation));
        string empty = await PutAsync("empty.txt", "");
        Assert.Equal(0, await Session.ReadText(empty).WriteTextAsync(UrlOf("none"), cancellation: Cancellation));
        Assert.Empty(await Session.ReadText(UrlOf("none")).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Write_UserCodeThrows_LeavesNothing()
    {
        string line = new('x', 999);
        Dataset<string> broken = Session.Range(0, 20_000, 2).Select(i =>
            i == 19_999 ? throw new FormatException("bad") : $"{i} {line}");
        await Assert.ThrowsAsync<FormatException>(
            () => broken.WriteTextAsync(UrlOf("out"), cancellation: Cancellation));
        Assert.Empty(await NamesAsync());
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Write_UserCodeThrows_LeavesTheOldOutput()
    {
        await Session.From(["old"]).WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        Dataset<string> broken = Session.From([1, 0], 2).Select(i => $"{1 / i}");
        await Assert.ThrowsAsync<DivideByZeroException>(
            () => broken.WriteTextAsync(UrlOf("out"), s_overwrite, Cancellation));
        Assert.Equal(["old"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal(2, (await NamesAsync()).Length);
    }

    [Fact]
    public async Task Write_OutputIsThere_IsRefusedOrReplacedAsOnADisk()
    {
        await Session.From(["a", "b"], 2).WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        await PutAsync("out/extra/deep.txt", "x");
        await PutAsync("outer.txt", "not in it");
        IOException refused = await Assert.ThrowsAsync<IOException>(
            () => Session.From(["c"]).WriteTextAsync(UrlOf("out/"), cancellation: Cancellation));
        Assert.Equal(
            $"The output '{UrlOf("out")}' is there already. Choose another folder, remove it, or set " +
            "WriteOptions.Overwrite.", refused.Message);

        await Session.From(["c"]).WriteTextAsync(UrlOf("out"), s_overwrite, Cancellation);
        Assert.Equal(["c"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        string[] names = await NamesAsync();
        Assert.Equal(["out/_SUCCESS", names[1], "outer.txt"], names);
    }

    [Fact]
    public async Task Write_WhatIsThereIsNoOutput_IsRefused()
    {
        await PutAsync("out/mine.txt", "mine");
        IOException refused = await Assert.ThrowsAsync<IOException>(
            () => Session.From(["c"]).WriteTextAsync(UrlOf("out"), s_overwrite, Cancellation));
        Assert.StartsWith($"The folder '{UrlOf("out")}' is no output", refused.Message, StringComparison.Ordinal);
        await PutAsync("file", "mine");
        refused = await Assert.ThrowsAsync<IOException>(
            () => Session.From(["c"]).WriteTextAsync(UrlOf("file"), s_overwrite, Cancellation));
        Assert.StartsWith($"The output '{UrlOf("file")}' is an object", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<IOException>(
            () => Session.From(["c"]).WriteTextAsync($"s3://{Folder.Bucket}", s_overwrite, Cancellation));
        Assert.EndsWith("names no folder: an output needs one of its own. Write it like s3://bucket/folder.",
            refused.Message, StringComparison.Ordinal);
        Assert.Equal(["file", "out/mine.txt"], await NamesAsync());
    }

    [Fact]
    public async Task Write_BucketIsMissing_IsToldBeforeAnythingRuns()
    {
        Dataset<string> data = Session.From(["a"]).Select(s => Calls.Note("no bucket", s));
        SourceNotFoundException refused = await Assert.ThrowsAsync<SourceNotFoundException>(
            () => data.WriteTextAsync("s3://no-such-bucket/out", cancellation: Cancellation));
        Assert.Contains("has no bucket 'no-such-bucket'", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, ExitCodes.MissingFile), (Calls.Of("no bucket"), ExitCodes.Of(refused)));
    }

    /// <summary>Parts that a killed job finished are nobody's data, until a marker names them.</summary>
    [Fact]
    public async Task Read_PartsWithoutAMarker_AreNotSeen()
    {
        await PutAsync("days/1/part-00000-0123456789ab.txt", "half\n");
        SourceNotFoundException unseen = await Assert.ThrowsAsync<SourceNotFoundException>(
            () => Session.ReadText(UrlOf("days/1")).CountAsync(Cancellation));
        Assert.Contains("holds parts of an output, but no _SUCCESS", unseen.Message, StringComparison.Ordinal);
        await Session.From(["whole"]).WriteTextAsync(UrlOf("days/2"), cancellation: Cancellation);
        Assert.Equal(["whole"], await Session.ReadText(UrlOf("days/*/*")).ToListAsync(Cancellation));

        await Session.From(["again"]).WriteTextAsync(UrlOf("days/1"), cancellation: Cancellation);
        Assert.Equal(["again"], await Session.ReadText(UrlOf("days/1")).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Read_OutputOfADisk_IsReadWhole()
    {
        await PutAsync("out/_SUCCESS", "");
        await PutAsync("out/part-00000.txt", "a\n");
        Assert.Equal(["a"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        await Session.From(["b"]).WriteTextAsync(UrlOf("out"), s_overwrite, Cancellation);
        Assert.Equal(["b"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal(2, (await NamesAsync()).Length);
    }

    [Fact]
    public async Task Write_OthersWriteThereAtTheSameTime_OneOfThemCounts()
    {
        Task<long>[] writes = [.. Enumerable.Range(0, 4).Select(job =>
            Session.From(Enumerable.Repeat($"{job}", 3), 3).WriteTextAsync(UrlOf("out"), cancellation: Cancellation))];
        foreach (Task<long> write in writes)
        {
            await Record.ExceptionAsync(() => write);
        }

        _ = Assert.Single(writes, write => write.IsCompletedSuccessfully);
        Assert.All(
            writes.Where(write => write.IsFaulted),
            write => Assert.IsType<IOException>(write.Exception!.InnerException));
        int winner = Array.FindIndex(writes, write => write.IsCompletedSuccessfully);
        Assert.Equal(
            Enumerable.Repeat($"{winner}", 3), await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal((4, 0), ((await NamesAsync()).Length, await UploadsAsync()));
    }

    [Theory]
    [InlineData("POST", "?uploads")]
    [InlineData("PUT", "partNumber=")]
    [InlineData("POST", "uploadId=")]
    [InlineData("PUT", "_SUCCESS")]
    public async Task Write_StoreIsBusy_AsksAgain(string method, string part)
    {
        using FaultyStore.Fault busy = Store.Faults.Busy(
            (asked, target) => asked == method && IsHere(target) && target.Contains(part, StringComparison.Ordinal), 1);
        await Session.From(["a", "b"], 2).WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        Assert.Equal(1, busy.Taken);
        Assert.Equal(["a", "b"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal((3, 0), ((await NamesAsync()).Length, await UploadsAsync()));
    }

    /// <summary>The request was done, its answer was lost, and it is made again.</summary>
    [Theory]
    [InlineData("POST", "?uploads")]
    [InlineData("PUT", "partNumber=")]
    [InlineData("POST", "uploadId=")]
    [InlineData("PUT", "_SUCCESS")]
    public async Task Write_AnswerIsLost_WritesOnceAllTheSame(string method, string part)
    {
        using FaultyStore.Fault lost = Store.Faults.On(
            (asked, target) => asked == method && IsHere(target) && target.Contains(part, StringComparison.Ordinal),
            1,
            static async (context, forward) =>
            {
                Stream answer = context.Response.Body;
                context.Response.Body = new MemoryStream();
                await forward(int.MaxValue);
                context.Response.Body = answer;
                context.Abort();
            });
        await Session.From(["a", "b"], 2).WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        Assert.Equal(1, lost.Taken);
        Assert.Equal(["a", "b"], await Session.ReadText(UrlOf("out")).ToListAsync(Cancellation));
        Assert.Equal((3, 0), ((await NamesAsync()).Length, await UploadsAsync()));
    }

    [Fact]
    public async Task Write_StoreFailsAtTheMarker_LeavesNothing()
    {
        using FaultyStore.Fault broken = Store.Faults.Busy(
            (asked, target) => asked == "PUT" && IsHere(target)
                && target.Contains("_SUCCESS", StringComparison.Ordinal),
            int.MaxValue);
        await Assert.ThrowsAsync<ObjectException>(
            () => Session.From(["a", "b"], 2).WriteTextAsync(UrlOf("out"), cancellation: Cancellation));
        Assert.Empty(await NamesAsync());
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Checkpoint_InTheStore_IsSavedOnce()
    {
        Dataset<int> saved = Session.From(Enumerable.Range(0, 9), 3).Select(i => Calls.Note("object checkpoint", i))
            .Checkpoint(UrlOf("saved"));
        Assert.Equal(Enumerable.Range(0, 9), await saved.ToListAsync(Cancellation));
        Dataset<int> again = Session.From([1]).Select(i => Calls.Note("object checkpoint", i))
            .Checkpoint(UrlOf("saved"));
        Assert.Equal(Enumerable.Range(0, 9), await again.ToListAsync(Cancellation));
        Assert.Equal(9, Calls.Of("object checkpoint"));
        IOException other = await Assert.ThrowsAsync<IOException>(
            () => Session.From(["a"]).Checkpoint(UrlOf("saved")).CountAsync(Cancellation));
        Assert.StartsWith(
            $"The checkpoint '{UrlOf("saved")}' holds records of", other.Message, StringComparison.Ordinal);
    }

    private async Task<string> TextOfAsync(string name) => System.Text.Encoding.UTF8.GetString(
        await Store.Objects.ReadAsync(Folder.Child(name), Cancellation));
}
