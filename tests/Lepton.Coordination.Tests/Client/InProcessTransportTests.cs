using Google.Protobuf;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Client;

/// <summary>What a way without a wire must keep of what a wire gives.</summary>
public sealed class InProcessTransportTests : CoordinationTest, IAsyncLifetime
{
    private static readonly TransportCallOptions s_noLimit = new(Timeout: null, NeedsLeader: false);
    private readonly LocalServices _services = new("m0");
    private readonly InProcessTransport _transport;

    public InProcessTransportTests() => _transport = new InProcessTransport(_services, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await _services.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Unary_HandlerDoesNotLookAtItsToken_EndsByTheDeadlineAsTheCallers()
    {
        TaskCompletionSource<PutResponse> never = new();
        _services.MapUnary(CoordinationMethods.Put, (_, _, _) => never.Task);
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(
            CallAsync(s_noLimit with { Timeout = TimeSpan.FromMilliseconds(20) }), "the call ends by its deadline"));
        Assert.Equal((StatusCode.DeadlineExceeded, RpcParty.Caller), (e.StatusCode, e.Party));
    }

    [Fact]
    public async Task Unary_HandlerFailsUnforeseen_IsTheServersFault()
    {
        _services.MapUnary(CoordinationMethods.Put, (_, _, _) => throw new InvalidOperationException("a bug"));
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => CallAsync(s_noLimit));
        Assert.Equal((StatusCode.Unknown, RpcParty.Callee), (e.StatusCode, e.Party));
        Assert.Contains("failed with InvalidOperationException", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_CallerCancels_IsNoFailure()
    {
        using CancellationTokenSource caller = new();
        TaskCompletionSource<PutResponse> never = new();
        _services.MapUnary(CoordinationMethods.Put, (_, _, _) => never.Task);
        Task call = _transport.UnaryAsync(CoordinationMethods.Put, new PutRequest(), s_noLimit, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(call, "the call ends with its caller"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unary_NeedOfALeader_IsToldToTheHandler(bool needed)
    {
        bool? told = null;
        _services.MapUnary(CoordinationMethods.Put, (_, needsLeader, _) =>
        {
            told = needsLeader;
            return Task.FromResult(new PutResponse());
        });
        await CallAsync(s_noLimit with { NeedsLeader = needed });
        Assert.Equal(needed, told);
    }

    [Fact]
    public async Task Member_Stops_CallsEndAndNewOnesNeverReachIt()
    {
        TaskCompletionSource<PutResponse> never = new();
        _services.MapUnary(CoordinationMethods.Put, (_, _, _) => never.Task);
        _services.MapDuplex(CoordinationMethods.Watch, static async (stream, _, token) =>
            await stream.ReadAsync(token));
        Task call = CallAsync(s_noLimit);
        await using var stream = _transport.OpenDuplex(CoordinationMethods.Watch, s_noLimit, CancellationToken.None);
        Task reading = stream.ReadAsync(CancellationToken.None).AsTask();
        await _services.DisposeAsync();
        foreach (Task open in (Task[])[call, reading])
        {
            RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(open, "it ends with the member"));
            Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        }

        RpcException after = await Assert.ThrowsAsync<RpcException>(() => CallAsync(s_noLimit));
        Assert.Equal((StatusCode.Unavailable, true), (after.StatusCode, after.NeverReached));
    }

    [Fact]
    public async Task Stream_WriterUsesItsBytesAgain_ReaderGetsWhatWasWritten()
    {
        _services.MapServerStreaming(CoordinationMethods.Snapshot, static async (_, responses, _, token) =>
        {
            byte[] buffer = new byte[4];
            for (byte i = 0; i < 20; i++)
            {
                buffer.AsSpan().Fill(i);
                await responses.WriteAsync(
                    new SnapshotResponse { Blob = UnsafeByteOperations.UnsafeWrap(buffer) }, token);
            }
        });
        int read = 0;
        await foreach (SnapshotResponse part in _transport.ServerStreaming(
            CoordinationMethods.Snapshot, new SnapshotRequest(), s_noLimit, CancellationToken.None))
        {
            Assert.All(part.Blob.ToByteArray(), one => Assert.Equal(read, one));
            read++;
        }

        Assert.Equal(20, read);
    }

    [Fact]
    public async Task Stream_ReaderDoesNotRead_WriterWaitsAndIsToldOfTheEnd()
    {
        int written = 0;
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.MapDuplex(CoordinationMethods.Watch, async (stream, _, token) =>
        {
            try
            {
                while (true)
                {
                    ValueTask write = stream.WriteAsync(new WatchResponse(), token);
                    if (!write.IsCompleted)
                    {
                        blocked.TrySetResult();
                    }

                    await write;
                    written++;
                }
            }
            finally
            {
                ended.TrySetResult();
            }
        });
        await using (_transport.OpenDuplex(CoordinationMethods.Watch, s_noLimit, CancellationToken.None))
        {
            await Step(blocked.Task, "the writer waits for the reader");
            Assert.InRange(written, 1, 100);
        }

        await Step(ended.Task, "the handler ends with its caller");
    }

    private Task<PutResponse> CallAsync(TransportCallOptions options) =>
        _transport.UnaryAsync(CoordinationMethods.Put, new PutRequest(), options, CancellationToken.None);
}
