using Google.Protobuf;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Client;

public sealed class RpcDuplexCallTests : RpcTest
{
    [Fact]
    public async Task ReadAllAsync_Echo_ReturnsAllInOrder()
    {
        MapEcho();
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        Task writing = Task.Run(async () =>
        {
            await call.WriteManyAsync(Enumerable.Range(0, 10_000).Select(i => NoteOf(i)));
            for (int i = 10_000; i < 20_000; i++)
            {
                await call.WriteAsync(NoteOf(i));
            }

            call.Complete();
        });
        long expected = 0;
        await foreach (Note note in call.ReadAllAsync())
        {
            Assert.Equal(expected++, note.Number);
        }

        await writing;
        Assert.Equal(20_000, expected);
        Assert.Null(await call.ReadAsync());
    }

    [Fact]
    public async Task WriteAsync_CalleeDoesNotRead_WritesAreHeldBackAndNothingIsLost()
    {
        TaskCompletionSource readNow = New();
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await readNow.Task;
            long sum = 0;
            await foreach (Note note in stream.ReadAllAsync())
            {
                sum += note.Number;
            }

            await stream.WriteAsync(NoteOf(sum));
        });
        RpcChannel channel = await ServeAndConnectAsync(
            new RpcServerOptions { StreamWindowBytes = 65_535 },
            new RpcChannelOptions { StreamPendingBytesMax = 65_536 });
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        ByteString filler = ByteString.CopyFrom(new byte[1000]);
        (int written, Task waiting) = await FillAsync(i => call.WriteAsync(new Note { Number = i, Payload = filler }));

        // The window, what is pending, and what the pump holds: three times 64 KiB, and a little for each end.
        Assert.InRange(written, 100, 400);
        readNow.SetResult();
        await Step(waiting, "the held write goes through");
        for (int i = written; i < 2000; i++)
        {
            await Step(call.WriteAsync(new Note { Number = i, Payload = filler }).AsTask(), "the stream flows again");
        }

        call.Complete();
        Note? sum = await Step(call.ReadAsync().AsTask(), "the sum comes");
        Assert.Equal(1999 * 2000 / 2, sum!.Number);
    }

    [Fact]
    public async Task ReadAsync_CallerDoesNotRead_HandlersWritesAreHeldBackAndNothingIsLost()
    {
        TaskCompletionSource<int> heldBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ByteString filler = ByteString.CopyFrom(new byte[1000]);
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            (int written, Task waiting) = await FillAsync(
                i => stream.WriteAsync(new Note { Number = i, Payload = filler }));
            heldBack.SetResult(written);
            await waiting;
            for (int i = written; i < 6000; i++)
            {
                await stream.WriteAsync(new Note { Number = i, Payload = filler });
            }
        });
        RpcChannel channel = await ServeAndConnectAsync(
            new RpcServerOptions { StreamPendingBytesMax = 65_536 },
            new RpcChannelOptions { StreamWindowBytes = 65_535 });
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);

        // What Kestrel buffers (256 KiB) comes on top of the window and the outbox.
        Assert.InRange(await Step(heldBack.Task, "the handler is held back"), 100, 1500);
        long expected = 0;
        await foreach (Note note in call.ReadAllAsync())
        {
            Assert.Equal(expected++, note.Number);
        }

        Assert.Equal(6000, expected);
    }

    [Fact]
    public async Task ReadAsync_OnlyTheReadIsCancelled_TheCallGoesOn()
    {
        MapEcho();
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await call.WriteAsync(NoteOf(1));
        await Step(call.ReadAsync().AsTask(), "the echo comes");
        using CancellationTokenSource cancellation = new();
        Task<Note?> reading = call.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(reading, "the read ends"));
        await call.WriteAsync(NoteOf(2));
        Assert.Equal(NoteOf(2), await Step(call.ReadAsync().AsTask(), "the next echo comes"));
    }

    [Fact]
    public async Task DisposeAsync_StreamIsOpen_HandlerIsCancelledAndWritesAreRefused()
    {
        TaskCompletionSource cancelled = New();
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            Watch(call, cancelled);
            await call.SendHeadersAsync();
            await foreach (Note note in stream.ReadAllAsync())
            {
            }
        });
        RpcChannel channel = await ServeAndConnectAsync();
        RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await Step(call.Opened, "the callee sends its headers");
        await call.DisposeAsync();
        await call.DisposeAsync();
        await Step(cancelled.Task, "the handler's token is cancelled");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.WriteAsync(NoteOf(1)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.ReadAsync());
    }

    [Fact]
    public async Task DisposeAsync_BeforeTheCalleeAnswers_HandlerIsCancelled()
    {
        TaskCompletionSource entered = New();
        TaskCompletionSource cancelled = New();
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            Watch(call, cancelled);
            entered.SetResult();
            await stream.ReadAsync();
        });
        RpcChannel channel = await ServeAndConnectAsync();
        RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await Step(entered.Task, "the handler runs before anything was written");
        await call.DisposeAsync();
        await Step(cancelled.Task, "the handler's token is cancelled");
    }

    [Fact]
    public async Task OpenDuplex_CallerCancels_ReaderAndWriterGetItsToken()
    {
        MapEcho();
        RpcChannel channel = await ServeAndConnectAsync();
        using CancellationTokenSource cancellation = new();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat, null, cancellation.Token);
        await call.WriteAsync(NoteOf(1));
        await Step(call.ReadAsync().AsTask(), "the echo comes");
        Task<Note?> reading = call.ReadAsync().AsTask();
        await cancellation.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Step(reading, "the read ends"));
        Assert.Equal(cancellation.Token, e.CancellationToken);
        e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Step(WriteUntilRefusedAsync(call), "the writer is refused"));
        Assert.Equal(cancellation.Token, e.CancellationToken);
    }

    [Fact]
    public async Task WriteAsync_CalleeHasEndedTheStream_WriterLearnsThatAndTheReaderTheStatus()
    {
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await stream.ReadAsync();
            throw new RpcException(StatusCode.Aborted, "enough");
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        RpcException w = await Assert.ThrowsAsync<RpcException>(
            () => Step(WriteUntilRefusedAsync(call), "the writer is refused"));
        Assert.Equal(RpcParty.Callee, w.Party);
        RpcException r = await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAsync());
        Assert.Equal((StatusCode.Aborted, "enough"), (r.StatusCode, r.Detail));
    }

    [Fact]
    public async Task WriteAsync_AfterComplete_SaysSo()
    {
        MapEcho();
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        call.Complete();
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await call.WriteAsync(NoteOf(1)));
        Assert.Contains("writing side was completed", e.Message, StringComparison.Ordinal);
        Assert.Null(await Step(call.ReadAsync().AsTask(), "the stream ends"));
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Writes until a write has to wait and stays waiting; gives how many were written or wait.</summary>
    private static async Task<(int Written, Task Waiting)> FillAsync(Func<int, ValueTask> write)
    {
        // Only time tells a stream that stands from one that is slow; the wait only lowers the count, never fails.
        TimeSpan stands = TimeSpan.FromMilliseconds(300);
        for (int written = 0; ; written++)
        {
            Task writing = write(written).AsTask();
            if (await Task.WhenAny(writing, Expire(stands)) != writing)
            {
                return (written + 1, writing);
            }

            await writing;
        }
    }

    private static async Task WriteUntilRefusedAsync(RpcDuplexCall<Note, Note> call)
    {
        while (true)
        {
            await call.WriteAsync(NoteOf(1));
            await Task.Yield();
        }
    }

    private void MapEcho() => Services.MapDuplex(Echo.Chat, async (stream, _) =>
    {
        await foreach (Note note in stream.ReadAllAsync())
        {
            await stream.WriteAsync(note);
        }
    });
}
