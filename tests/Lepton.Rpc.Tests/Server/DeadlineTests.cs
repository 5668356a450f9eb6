using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Server;

public sealed class DeadlineTests : RpcTest
{
    [Fact]
    public async Task Deadline_PassesOnTheServer_HandlerIsCancelledAndTheCallerGetsTheStatus()
    {
        ManualClock clock = new();
        TaskCompletionSource<DateTimeOffset?> entered = New<DateTimeOffset?>();
        Services.MapUnary(Echo.Unary, async (request, call) =>
        {
            entered.SetResult(call.Deadline);
            await new TaskCompletionSource().Task.WaitAsync(call.CancellationToken);
            return request;
        });
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions { TimeProvider = clock });
        Task<Note> calling = channel.UnaryAsync(
            Echo.Unary, NoteOf(1), new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        DateTimeOffset? deadline = await Step(entered.Task, "the handler runs");
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromHours(1), deadline);
        clock.Advance(TimeSpan.FromHours(1));
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(calling, "the call ends"));
        Assert.Equal((StatusCode.DeadlineExceeded, RpcParty.Callee), (e.StatusCode, e.Party));
    }

    [Fact]
    public async Task Deadline_HandlerIgnoresItsToken_TheCallerIsAnsweredAllTheSame()
    {
        ManualClock clock = new();
        TaskCompletionSource<bool> entered = New<bool>();
        TaskCompletionSource<Note> release = New<Note>();
        Services.MapUnary(Echo.Unary, (_, _) =>
        {
            entered.SetResult(true);
            return release.Task;
        });
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions { TimeProvider = clock });
        Task<Note> calling = channel.UnaryAsync(Echo.Unary, NoteOf(1));
        await Step(entered.Task, "the handler runs");
        clock.Advance(TimeSpan.FromMinutes(1));
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(calling, "the call ends"));
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        release.SetResult(NoteOf(2));
    }

    [Fact]
    public async Task Deadline_StreamStillWrites_TheCallerIsAnsweredAllTheSame()
    {
        ManualClock clock = new();
        TaskCompletionSource<OperationCanceledException> refused = New<OperationCanceledException>();
        TaskCompletionSource<bool> release = New<bool>();
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await stream.WriteAsync(NoteOf(1));
            await release.Task;
            refused.SetResult(await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await stream.WriteAsync(NoteOf(2))));
        });
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions { TimeProvider = clock });
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(
            Echo.Chat, new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        Assert.Equal(NoteOf(1), await Step(call.ReadAsync().AsTask(), "the first response comes"));
        clock.Advance(TimeSpan.FromHours(1));
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(call.ReadAsync().AsTask(), "the stream ends"));
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        release.SetResult(true);
        await Step(refused.Task, "the late write is refused");
    }

    [Fact]
    public async Task Deadline_PassesOnTheCallersSide_CallerIsToBlameAndTheHandlerSeesIt()
    {
        ManualClock clock = new();
        TaskCompletionSource<bool> entered = New<bool>();
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapUnary(Echo.Unary, async (request, call) =>
        {
            Watch(call, cancelled);
            entered.SetResult(true);
            await cancelled.Task;
            return request;
        });
        RpcChannel channel = await ServeAndConnectAsync(
            channelOptions: new RpcChannelOptions { TimeProvider = clock });
        Task<Note> calling = channel.UnaryAsync(
            Echo.Unary, NoteOf(1), new RpcCallOptions { Timeout = TimeSpan.FromMinutes(90) });
        await Step(entered.Task, "the handler runs");
        clock.Advance(TimeSpan.FromMinutes(90));
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(calling, "the call ends"));
        Assert.Equal((StatusCode.DeadlineExceeded, RpcParty.Caller), (e.StatusCode, e.Party));
        Assert.Contains("/lepton.rpc.tests.Echo/Unary at http://127.0.0.1:", e.Message, StringComparison.Ordinal);
        Assert.Contains("its deadline of 5400 s passed", e.Message, StringComparison.Ordinal);
        Assert.Contains("Raise the call's timeout", e.Message, StringComparison.Ordinal);
        await Step(cancelled.Task, "the handler's token is cancelled");
    }

    [Fact]
    public async Task Deadline_PassesBetweenReads_TheStreamEndsOnBothSides()
    {
        ManualClock clock = new();
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            await stream.WriteAsync(NoteOf(1));
            Watch(call, cancelled);
            await cancelled.Task;
        });
        RpcChannel channel = await ServeAndConnectAsync(
            channelOptions: new RpcChannelOptions { TimeProvider = clock });
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(
            Echo.Chat, new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        await Step(call.ReadAsync().AsTask(), "the first response comes");
        clock.Advance(TimeSpan.FromHours(1));
        await Step(cancelled.Task, "the handler's token is cancelled though nobody reads");
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(call.ReadAsync().AsTask(), "the stream ends"));
        Assert.Equal((StatusCode.DeadlineExceeded, RpcParty.Caller), (e.StatusCode, e.Party));
    }

    [Fact]
    public async Task Timeout_NotAboveZero_IsRefused()
    {
        RpcChannel channel = await ServeAndConnectAsync();
        ArgumentOutOfRangeException e = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => channel.UnaryAsync(Echo.Unary, NoteOf(1), new RpcCallOptions { Timeout = TimeSpan.Zero }));
        Assert.Contains("must be above 0", e.Message, StringComparison.Ordinal);
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
