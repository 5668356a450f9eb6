using System.Buffers;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Tests.Protocol;

public sealed class MessageOutboxTests
{
    [Fact]
    public async Task WriteAsync_PumpIsBusy_MessagesLeaveTogether()
    {
        MessageOutbox outbox = new(1024);
        TaskCompletionSource firstTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<int> batches = [];
        Task pump = outbox.PumpAsync(
            async (batch, _) =>
            {
                batches.Add(Parse(batch).Count);
                firstTaken.TrySetResult();
                await go.Task;
            },
            e => e, CancellationToken.None);
        await outbox.WriteAsync(new Note { Number = 1 }, CancellationToken.None);
        await firstTaken.Task;
        for (int i = 0; i < 10; i++)
        {
            await outbox.WriteAsync(new Note { Number = i }, CancellationToken.None);
        }

        outbox.Complete();
        go.SetResult();
        await pump;
        Assert.Equal([1, 10], batches);
    }

    [Fact]
    public async Task WriteAsync_TooMuchPending_WaitsUntilThePumpTookIt()
    {
        MessageOutbox outbox = new(100);
        int written = 0;
        ValueTask waiting;
        do
        {
            waiting = outbox.WriteAsync(new Note { Payload = Bytes(20) }, CancellationToken.None);
            written++;
        }
        while (waiting.IsCompleted);

        Assert.Equal(5, written);
        using SemaphoreSlim batches = new(0);
        List<Note> left = [];
        Task pump = outbox.PumpAsync(
            (batch, _) =>
            {
                left.AddRange(Parse(batch));
                return ValueTask.CompletedTask;
            },
            e => e, CancellationToken.None);
        await waiting;
        outbox.Complete();
        await pump;
        Assert.Equal(5, left.Count);
    }

    [Fact]
    public async Task WriteEncodedAsync_TwoParts_IsOneMessageInItsPlace()
    {
        MessageOutbox outbox = new(1024);
        byte[] encoded = new Note { Number = 2, Text = "two" }.ToByteArray();
        await outbox.WriteAsync(new Note { Number = 1 }, CancellationToken.None);
        await outbox.WriteEncodedAsync(encoded.AsMemory(0, 2), encoded.AsMemory(2), CancellationToken.None);
        await outbox.WriteEncodedAsync(default, default, CancellationToken.None);
        await outbox.WriteAsync(new Note { Number = 3 }, CancellationToken.None);
        List<Note> left = [];
        outbox.Complete();
        await outbox.PumpAsync(
            (batch, _) =>
            {
                left.AddRange(Parse(batch));
                return ValueTask.CompletedTask;
            },
            e => e, CancellationToken.None);
        Assert.Equal(
            [new Note { Number = 1 }, Note.Parser.ParseFrom(encoded), new Note(), new Note { Number = 3 }], left);
    }

    [Fact]
    public async Task WriteEncodedAsync_TooMuchPending_WaitsUntilThePumpTookIt()
    {
        MessageOutbox outbox = new(1);
        byte[] encoded = new Note { Number = 7 }.ToByteArray();
        await outbox.WriteEncodedAsync(default, encoded, CancellationToken.None);
        ValueTask waiting = outbox.WriteEncodedAsync(encoded, default, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        List<Note> left = [];
        Task pump = outbox.PumpAsync(
            (batch, _) =>
            {
                left.AddRange(Parse(batch));
                return ValueTask.CompletedTask;
            },
            e => e, CancellationToken.None);
        await waiting;
        outbox.Complete();
        await pump;
        Assert.Equal([7, 7], left.Select(note => note.Number));
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_IsNotSent()
    {
        MessageOutbox outbox = new(1);
        await outbox.WriteAsync(new Note { Number = 1 }, CancellationToken.None);
        using CancellationTokenSource cancellation = new();
        ValueTask waiting = outbox.WriteAsync(new Note { Number = 2 }, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        List<Note> left = [];
        outbox.Complete();
        await outbox.PumpAsync(
            (batch, _) =>
            {
                left.AddRange(Parse(batch));
                return ValueTask.CompletedTask;
            },
            e => e, CancellationToken.None);
        Assert.Equal([1], left.Select(note => note.Number));
    }

    [Fact]
    public async Task WriteAsync_ManyWriters_EachKeepsItsOrder()
    {
        MessageOutbox outbox = new(256);
        List<Note> left = [];
        Task pump = outbox.PumpAsync(
            (batch, _) =>
            {
                left.AddRange(Parse(batch));
                return ValueTask.CompletedTask;
            },
            e => e, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < 2000; i++)
            {
                await outbox.WriteAsync(
                    new Note { Number = i, Text = writer.ToString(System.Globalization.CultureInfo.InvariantCulture) },
                    CancellationToken.None);
            }
        })));
        outbox.Complete();
        await pump;
        foreach (IGrouping<string, Note> ofWriter in left.GroupBy(note => note.Text))
        {
            Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), ofWriter.Select(note => note.Number));
        }

        Assert.Equal(8000, left.Count);
    }

    [Fact]
    public async Task Fail_WriterWaits_WriterGetsTheFailure()
    {
        MessageOutbox outbox = new(1);
        await outbox.WriteAsync(new Note { Number = 1 }, CancellationToken.None);
        ValueTask waiting = outbox.WriteAsync(new Note { Number = 2 }, CancellationToken.None);
        outbox.Fail(new IOException("first"));
        outbox.Fail(new IOException("second"));
        IOException e = await Assert.ThrowsAsync<IOException>(async () => await waiting);
        Assert.Equal("first", e.Message);
    }

    [Fact]
    public async Task PumpAsync_WriteThrows_WritersGetWhatItMeans()
    {
        MessageOutbox outbox = new(1024);
        await outbox.WriteAsync(new Note { Number = 1 }, CancellationToken.None);
        await Assert.ThrowsAsync<IOException>(() => outbox.PumpAsync(
            (_, _) => throw new IOException("reset"), e => new RpcException(StatusCode.Unavailable, e.Message),
            CancellationToken.None));
        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            async () => await outbox.WriteAsync(new Note(), CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task WriteAsync_AfterComplete_SaysSo()
    {
        MessageOutbox outbox = new(1024);
        outbox.Complete();
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await outbox.WriteAsync(new Note(), CancellationToken.None));
        Assert.Contains("takes no more messages", e.Message, StringComparison.Ordinal);
    }

    private static Google.Protobuf.ByteString Bytes(int count) =>
        Google.Protobuf.ByteString.CopyFrom(new byte[count]);

    private static List<Note> Parse(ReadOnlyMemory<byte> batch)
    {
        List<Note> notes = [];
        ReadOnlySequence<byte> rest = new(batch);
        while (FrameFormat.TryReadHeader(rest, out _, out uint length))
        {
            notes.Add(Note.Parser.ParseFrom(rest.Slice(FrameFormat.HeaderBytes, length)));
            rest = rest.Slice(FrameFormat.HeaderBytes + length);
        }

        return notes;
    }
}
