using System.Runtime.CompilerServices;
using Google.Protobuf;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Client;

public sealed class RpcChannelTests : RpcTest
{
    [Fact]
    public async Task UnaryAsync_Served_ReturnsTheResponse()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(NoteOf(request.Number + 1, request.Text)));
        RpcChannel channel = await ServeAndConnectAsync();
        Note response = await channel.UnaryAsync(Echo.Unary, NoteOf(41, "grüße"));
        Assert.Equal(NoteOf(42, "grüße"), response);
    }

    [Fact]
    public async Task UnaryAsync_ManyInFlight_EachGetsItsOwnAnswer()
    {
        Services.MapUnary(Echo.Unary, async (request, _) =>
        {
            await Task.Yield();
            return request;
        });
        RpcChannel channel = await ServeAndConnectAsync();
        Note[] answers = await Task.WhenAll(
            Enumerable.Range(0, 512).Select(i => channel.UnaryAsync(Echo.Unary, NoteOf(i))));
        Assert.Equal(Enumerable.Range(0, 512).Select(i => (long)i), answers.Select(note => note.Number));
    }

    [Fact]
    public async Task UnaryAsync_Metadata_TravelsBothWaysTextAndBytes()
    {
        Services.MapUnary(Echo.Unary, async (request, call) =>
        {
            call.ResponseHeaders.Add("head", call.RequestMetadata.GetText("word")!);
            call.ResponseHeaders.Add("head-bin", call.RequestMetadata.GetBytes("raw-bin"));
            call.ResponseTrailers.Add("tail", "done");
            call.ResponseTrailers.Add("tail-bin", [255, 0, 1]);
            if (request.Number == 1)
            {
                await call.SendHeadersAsync();
            }

            return request;
        });
        RpcChannel channel = await ServeAndConnectAsync();
        RpcMetadata sent = [];
        sent.Add("Word", "hello, world");
        sent.Add("raw-bin", [0, 200, 3, 4]);
        for (int i = 0; i < 2; i++)
        {
            RpcMetadata? headers = null;
            RpcMetadata? trailers = null;
            await channel.UnaryAsync(Echo.Unary, NoteOf(i), new RpcCallOptions
            {
                Metadata = sent,
                OnHeaders = got => headers = got,
                OnTrailers = got => trailers = got,
            });
            Assert.Equal("hello, world", headers!.GetText("head"));
            Assert.Equal([0, 200, 3, 4], headers.GetBytes("head-bin"));
            Assert.Equal("done", trailers!.GetText("tail"));
            Assert.Equal([255, 0, 1], trailers.GetBytes("tail-bin"));
        }
    }

    [Fact]
    public async Task UnaryAsync_CallerCancels_ThrowsForItsTokenAndTheHandlerSeesIt()
    {
        TaskCompletionSource entered = New();
        TaskCompletionSource cancelled = New();
        Services.MapUnary(Echo.Unary, async (request, call) =>
        {
            Watch(call, cancelled);
            entered.SetResult();
            await cancelled.Task;
            return request;
        });
        RpcChannel channel = await ServeAndConnectAsync();
        using CancellationTokenSource cancellation = new();
        Task<Note> calling = channel.UnaryAsync(Echo.Unary, NoteOf(1), null, cancellation.Token);
        await Step(entered.Task, "the handler runs");
        await cancellation.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Step(calling, "the call ends"));
        Assert.Equal(cancellation.Token, e.CancellationToken);
        Assert.Contains("/lepton.rpc.tests.Echo/Unary", e.Message, StringComparison.Ordinal);
        await Step(cancelled.Task, "the handler's token is cancelled");
    }

    [Fact]
    public async Task ServerStreaming_Served_YieldsAllInOrder()
    {
        Services.MapServerStreaming(Echo.Many, async (request, responses, _) =>
            await responses.WriteManyAsync(Enumerable.Range(0, (int)request.Number).Select(i => NoteOf(i))));
        RpcChannel channel = await ServeAndConnectAsync();
        List<long> numbers = [];
        await foreach (Note note in channel.ServerStreaming(Echo.Many, NoteOf(50_000)))
        {
            numbers.Add(note.Number);
        }

        Assert.Equal(Enumerable.Range(0, 50_000).Select(i => (long)i), numbers);
    }

    [Fact]
    public async Task ServerStreaming_LeftEarly_CancelsTheHandler()
    {
        TaskCompletionSource cancelled = New();
        Services.MapServerStreaming(Echo.Many, async (_, responses, call) =>
        {
            Watch(call, cancelled);
            for (int i = 0; !call.CancellationToken.IsCancellationRequested; i++)
            {
                await responses.WriteAsync(NoteOf(i));
            }
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await foreach (Note note in channel.ServerStreaming(Echo.Many, NoteOf(1)))
        {
            if (note.Number == 10)
            {
                break;
            }
        }

        await Step(cancelled.Task, "the handler's token is cancelled");
    }

    [Fact]
    public async Task ServerStreaming_FailsAfterMessages_YieldsThemFirst()
    {
        Services.MapServerStreaming(Echo.Many, async (_, responses, _) =>
        {
            await responses.WriteAsync(NoteOf(1));
            await responses.WriteAsync(NoteOf(2));
            throw new RpcException(StatusCode.DataLoss, "the rest is gone");
        });
        RpcChannel channel = await ServeAndConnectAsync();
        List<long> numbers = [];
        RpcException e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (Note note in channel.ServerStreaming(Echo.Many, NoteOf(1)))
            {
                numbers.Add(note.Number);
            }
        });
        Assert.Equal([1, 2], numbers);
        Assert.Equal(StatusCode.DataLoss, e.StatusCode);
    }

    [Fact]
    public async Task ClientStreamingAsync_Served_SendsAll()
    {
        Services.MapClientStreaming(Echo.Sum, async (requests, _) =>
        {
            long sum = 0;
            await foreach (Note note in requests)
            {
                sum += note.Number;
            }

            return NoteOf(sum);
        });
        RpcChannel channel = await ServeAndConnectAsync();
        Assert.Equal(NoteOf(5050), await channel.ClientStreamingAsync(Echo.Sum, Numbers(100, New())));
    }

    [Fact]
    public async Task ClientStreamingAsync_CalleeAnswersEarly_StopsSending()
    {
        Services.MapClientStreaming(Echo.Sum, async (requests, _) =>
        {
            await foreach (Note note in requests)
            {
                return note;
            }

            return NoteOf(0);
        });
        RpcChannel channel = await ServeAndConnectAsync();
        TaskCompletionSource stopped = New();
        Note answer = await Step(
            channel.ClientStreamingAsync(Echo.Sum, Numbers(long.MaxValue, stopped)), "the answer comes");
        Assert.Equal(NoteOf(1), answer);
        await Step(stopped.Task, "the source is stopped");
    }

    [Fact]
    public async Task ClientStreamingAsync_SourceThrows_CallIsCancelledAndTheExceptionComesOut()
    {
        TaskCompletionSource received = New();
        TaskCompletionSource cancelled = New();
        Services.MapClientStreaming(Echo.Sum, async (requests, call) =>
        {
            Watch(call, cancelled);
            await foreach (Note note in requests)
            {
                received.SetResult();
            }

            return NoteOf(0);
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await Assert.ThrowsAsync<FormatException>(
            () => Step(channel.ClientStreamingAsync(Echo.Sum, Broken(received.Task)), "the call ends"));
        await Step(cancelled.Task, "the handler's token is cancelled");
    }

    [Fact]
    public async Task Dispose_CallsOpen_TheyAreCancelledOnBothSides()
    {
        TaskCompletionSource cancelled = New();
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            Watch(call, cancelled);
            await stream.WriteAsync(NoteOf(1));
            await stream.ReadAsync();
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await Step(call.ReadAsync().AsTask(), "the first response comes");
        Task<Note?> reading = call.ReadAsync().AsTask();
        channel.Dispose();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Step(reading, "the read ends"));
        Assert.Contains("its channel was disposed", e.Message, StringComparison.Ordinal);
        await Step(cancelled.Task, "the handler's token is cancelled");
        e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Contains("its channel was disposed", e.Message, StringComparison.Ordinal);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async IAsyncEnumerable<Note> Numbers(
        long count, TaskCompletionSource stopped,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            for (long i = 1; i <= count && !cancellationToken.IsCancellationRequested; i++)
            {
                await Task.Yield();
                yield return NoteOf(i);
            }
        }
        finally
        {
            stopped.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<Note> Broken(Task received)
    {
        yield return NoteOf(1);
        await received;
        throw new FormatException("the source is broken");
    }
}
