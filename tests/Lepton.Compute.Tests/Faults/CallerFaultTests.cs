using Lepton.Compute.Datasets;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Faults;

/// <summary>What the caller's own data and code do wrong ends the caller's job, and nothing else.</summary>
public sealed class CallerFaultTests
{
    private class Shape
    {
        public int Side { get; set; }
    }

    private sealed class Square : Shape;

    private sealed class RudeException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");

        public override string StackTrace => throw new InvalidOperationException("no stack");

        public override System.Collections.IDictionary Data => throw new InvalidOperationException("no data");
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task From_RecordThatCannotBeCoded_FailsItsJobAloneInTheCallersOwnCall(int workers, int threads)
    {
        await using Bench bench = await Bench.StartAsync(workers, threads);

        UncodableValueException refused = await Assert.ThrowsAsync<UncodableValueException>(
            () => bench.Session.From(new Shape[] { new Square() }).CountAsync());

        Assert.Contains("Square", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, await bench.Session.Range(0, 3).CountAsync());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task Exception_WhoseMembersThrow_FailsItsJobAlone(int workers, int threads)
    {
        await using Bench bench = await Bench.StartAsync(workers, threads);

        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(
            () => bench.Session.Range(0, 2).Where(_ => throw new RudeException()).CountAsync());

        Assert.Contains(nameof(RudeException), thrown.GetType().FullName + thrown.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, await bench.Session.Range(0, 3).CountAsync());
    }

    [Fact]
    public async Task Exception_WithALongMessage_ArrivesCutOff()
    {
        await using Bench bench = await Bench.StartAsync(1);

        InvalidDataException thrown = await Assert.ThrowsAsync<InvalidDataException>(() => bench.Session.Range(0, 1)
            .Where(_ => throw new InvalidDataException(new string('x', 100_000_000))).CountAsync());

        Assert.InRange(thrown.Message.Length, 1000, 200_000);
        Assert.EndsWith("more characters)", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task CancellationCallback_ThatThrowsOrBlocks_HoldsNobodyUp(int workers, int threads)
    {
        await using Bench bench = await Bench.StartAsync(workers, threads);
        using var caller = new CancellationTokenSource();
        string signed = bench.Path("signed");
        Task<long> job = bench.Session.Range(0, 1)
            .SelectPartition((rows, context) =>
            {
                context.Cancellation.Register(() => throw new InvalidOperationException("thrown by a callback"));
                File.WriteAllText(signed, "");
                context.Cancellation.WaitHandle.WaitOne();
                context.Cancellation.ThrowIfCancellationRequested();
                return rows;
            })
            .CountAsync(caller.Token);
        await Gate.UntilAsync(() => File.Exists(signed), "the task runs");

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
        Assert.Equal(3, await bench.Session.Range(0, 3).CountAsync());
    }

    [Fact]
    public async Task KillWorkerFromHandler_OutsideAHandler_SaysWhatToUse()
    {
        await using Bench bench = await Bench.StartAsync(1);

        InvalidOperationException wrong =
            Assert.Throws<InvalidOperationException>(() => bench.Session.KillWorkerFromHandler());

        Assert.Contains("KillWorkerAsync", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task LocalAsync_TooManyThreads_IsRefused() =>
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LeptonSession.LocalAsync(threads: 257));

    [Fact]
    public async Task Culture_OfTheProgram_IsThatOfItsWorkers()
    {
        await using Driver driver = Driver.Start("culture");

        Assert.Equal((0, "w1: de-DE fr-FR it-IT\n"), await driver.EndAsync());
    }
}
