using System.Net;
using System.Net.Sockets;
using System.Text;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Tests.Server;

public sealed class RpcServerTests : RpcTest
{
    private const string Token = "0123456789abcdef0123";

    [Fact]
    public async Task StartAsync_PortInUse_NamesTheAddressAndWhatToDo()
    {
        RpcServer first = await ServeAsync();
        IPEndPoint taken = new(IPAddress.Loopback, first.Address.Port);
        RpcBindException e = await Assert.ThrowsAsync<RpcBindException>(
            () => RpcServer.StartAsync(new RpcServices(), new RpcServerOptions { EndPoint = taken }));
        Assert.Equal(taken, e.EndPoint);
        Assert.Equal(
            $"The server can't listen at {taken}. The port is in use. " +
            "Stop the program that holds it, pick another port, or 0 for any free one.", e.Message);
    }

    [Fact]
    public async Task StartAsync_AddressOfAnotherMachine_NamesItAndWhatToDo()
    {
        // 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
        RpcBindException e = await Assert.ThrowsAsync<RpcBindException>(
            () => RpcServer.StartAsync(new RpcServices(), new RpcServerOptions
            {
                EndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0),
                Authenticator = BearerToken.Authenticator(Token),
            }));
        Assert.Contains("192.0.2.1:0. This machine has no such address.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_BeyondLoopbackWithoutAuthentication_IsRefused()
    {
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(
            () => RpcServer.StartAsync(new RpcServices(), new RpcServerOptions
            {
                EndPoint = new IPEndPoint(IPAddress.Any, 0),
                MessageBytesMax = -1,
            }));
        Assert.Contains("EndPoint 0.0.0.0:0 is reachable from other machines", e.Message, StringComparison.Ordinal);
        Assert.Contains("MessageBytesMax is -1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_MethodMappedTwiceOrLate_SaysSo()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(
            () => Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request)));
        Assert.Contains("/lepton.rpc.tests.Echo/Unary is mapped already", e.Message, StringComparison.Ordinal);
        await ServeAsync();
        e = Assert.Throws<InvalidOperationException>(
            () => Services.MapUnary(Echo.Sum, (request, _) => Task.FromResult(request)));
        Assert.Contains("before the server starts", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopAsync_StreamsOpen_TheyEndAtOnceWithUnavailable()
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            Watch(call, cancelled);
            await foreach (Note note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });

        // A clock that stands: neither the grace nor the cut can be what ends the streams.
        RpcServer server = await ServeAsync(new RpcServerOptions { TimeProvider = new ManualClock() });
        RpcChannel channel = Channel(server.Address);
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await call.WriteAsync(NoteOf(1));
        await Step(call.ReadAsync().AsTask(), "the echo comes");
        Task<Note?> reading = call.ReadAsync().AsTask();
        await Step(server.StopAsync(), "the server stops");
        await Step(cancelled.Task, "the handler's token is cancelled");
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(reading, "the stream ends"));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Callee), (e.StatusCode, e.Party));
        Assert.Equal("the server is stopping", e.Detail);
    }

    [Fact]
    public async Task StopAsync_UnaryCallRuns_ItMayEndWithinTheGrace()
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<Note> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapUnary(Echo.Unary, (_, _) =>
        {
            entered.SetResult();
            return answer.Task;
        });
        RpcServer server = await ServeAsync(new RpcServerOptions { TimeProvider = new ManualClock() });
        Task<Note> calling = Channel(server.Address).UnaryAsync(Echo.Unary, NoteOf(1));
        await Step(entered.Task, "the handler runs");
        Task stopping = server.StopAsync();
        answer.SetResult(NoteOf(2));
        Assert.Equal(NoteOf(2), await Step(calling, "the answer comes"));
        await Step(stopping, "the server stops");
    }

    [Fact]
    public async Task StopAsync_UnaryCallOutlastsTheGrace_ItEndsWithUnavailable()
    {
        ManualClock clock = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapUnary(Echo.Unary, async (request, call) =>
        {
            entered.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(call.CancellationToken);
            return request;
        });
        RpcServer server = await ServeAsync(new RpcServerOptions { TimeProvider = clock });
        Task<Note> calling = Channel(server.Address).UnaryAsync(Echo.Unary, NoteOf(1));
        await Step(entered.Task, "the handler runs");
        Task stopping = server.StopAsync();
        clock.Advance(TimeSpan.FromSeconds(2));
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => Step(calling, "the call ends"));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Callee), (e.StatusCode, e.Party));
        await Step(stopping, "the server stops");
    }

    [Fact]
    public async Task StopAsync_HandlerIgnoresItsToken_CallerIsAnsweredAndTheStopEndsAfterTheCut()
    {
        ManualClock clock = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.MapDuplex(Echo.Chat, async (_, call) =>
        {
            await call.SendHeadersAsync();
            entered.SetResult();
            await release.Task;
        });
        RpcServer server = await ServeAsync(new RpcServerOptions { TimeProvider = clock });
        await using RpcDuplexCall<Note, Note> call = Channel(server.Address).OpenDuplex(Echo.Chat);
        await Step(entered.Task, "the handler runs");
        Task stopping = server.StopAsync();
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(call.ReadAsync().AsTask(), "the stream ends though its handler does not"));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Callee), (e.StatusCode, e.Party));
        clock.Advance(TimeSpan.FromSeconds(3));
        await Step(stopping, "the server stops though a handler does not");
        release.SetResult();
    }

    [Fact]
    public async Task Authenticator_TokenMissingWrongOrRight_LetsInOnlyTheRightOne()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        Services.MapHttp("GET", "/blocks/{id}", context => context.Response.WriteAsync("block"));
        RpcServer server = await ServeAsync(
            new RpcServerOptions { Authenticator = BearerToken.Authenticator(Token) });
        foreach ((string? token, string detail) in new (string?, string)[]
        {
            (null, "carries no token"), ("0123456789abcdef0124", "token is not this server's"),
            ("short", "token is not this server's"),
        })
        {
            RpcChannel stranger = Channel(server.Address, new RpcChannelOptions { BearerToken = token });
            RpcException e = await Assert.ThrowsAsync<RpcException>(() => stranger.UnaryAsync(Echo.Unary, NoteOf(1)));
            Assert.Equal((StatusCode.Unauthenticated, RpcParty.Callee), (e.StatusCode, e.Party));
            Assert.Contains(detail, e.Detail, StringComparison.Ordinal);
            Assert.Contains("Pass the token that the callee was started with", e.Message, StringComparison.Ordinal);
            e = await Assert.ThrowsAsync<RpcException>(() => stranger.UnaryAsync(Echo.Sum, NoteOf(1)));
            Assert.Equal(StatusCode.Unauthenticated, e.StatusCode);
            using HttpResponseMessage refused = await stranger.SendHttpAsync(Get("/blocks/1"));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        RpcChannel friend = Channel(server.Address, new RpcChannelOptions { BearerToken = Token });
        Assert.Equal(NoteOf(1), await friend.UnaryAsync(Echo.Unary, NoteOf(1)));
        using HttpResponseMessage block = await friend.SendHttpAsync(Get("/blocks/1"));
        Assert.Equal("block", await block.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Authenticator_Throws_NobodyGetsIn()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcChannel channel = await ServeAndConnectAsync(
            new RpcServerOptions { Authenticator = _ => throw new FormatException("a secret") });
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Equal((StatusCode.Unauthenticated, "the server could not check who calls"), (e.StatusCode, e.Detail));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("sixteen and more but with blanks")]
    public void Authenticator_WeakToken_IsRefused(string token)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => BearerToken.Authenticator(token));
        Assert.Contains("at least 16 characters", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interceptors_Two_RunOutermostFirstAndMayRefuse()
    {
        List<string> steps = [];
        Services.MapUnary(Echo.Unary, (request, _) =>
        {
            steps.Add("handler");
            return Task.FromResult(request);
        });
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions
        {
            Interceptors =
            [
                async (call, next) =>
                {
                    steps.Add("outer " + call.MethodPath);
                    await next();
                    steps.Add("outer ends");
                },
                (call, next) => call.RequestMetadata.GetText("banned") is null
                    ? next()
                    : throw new RpcException(StatusCode.PermissionDenied, "banned"),
            ],
        });
        await channel.UnaryAsync(Echo.Unary, NoteOf(1));
        Assert.Equal(["outer /lepton.rpc.tests.Echo/Unary", "handler", "outer ends"], steps);
        RpcMetadata banned = [];
        banned.Add("banned", "yes");
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => channel.UnaryAsync(Echo.Unary, NoteOf(1), new RpcCallOptions { Metadata = banned }));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    [Fact]
    public async Task Handler_Throws_MessageTravelsOnlyIfAllowed()
    {
        Services.MapUnary(Echo.Unary, (_, _) => throw new FormatException("line 3 is empty"));
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions { SendsExceptionMessages = true });
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Equal(
            "the handler of /lepton.rpc.tests.Echo/Unary failed with FormatException: line 3 is empty", e.Detail);
    }

    [Fact]
    public async Task Call_Context_NamesPeerAndAuthority()
    {
        TaskCompletionSource<RpcServerCall> seen = new();
        Services.MapUnary(Echo.Unary, (request, call) =>
        {
            seen.SetResult(call);
            return Task.FromResult(request);
        });
        RpcServer server = await ServeAsync();
        await Channel(server.Address).UnaryAsync(Echo.Unary, NoteOf(1));
        RpcServerCall call = await seen.Task;
        Assert.Equal(IPAddress.Loopback, call.Peer!.Address);
        Assert.Equal(server.Address.Authority, call.Authority);
        Assert.NotNull(call.Deadline);
    }

    [Fact]
    public async Task Port_SilentAndStrangeConnections_DoNotHoldOthersUp()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        Services.MapHttp("GET", "/ping", context => context.Response.WriteAsync("pong"));
        RpcServer server = await ServeAsync();
        using TcpClient silent = new();
        await silent.ConnectAsync(server.Address.Host, server.Address.Port);
        using TcpClient slow = new();
        await slow.ConnectAsync(server.Address.Host, server.Address.Port);
        await slow.GetStream().WriteAsync("GE"u8.ToArray());
        using TcpClient preface = new();
        await preface.ConnectAsync(server.Address.Host, server.Address.Port);
        await preface.GetStream().WriteAsync("PR"u8.ToArray());
        Assert.Equal(NoteOf(1), await Channel(server.Address).UnaryAsync(Echo.Unary, NoteOf(1)));

        await slow.GetStream().WriteAsync("T /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        using StreamReader answer = new(slow.GetStream(), Encoding.ASCII);
        Assert.EndsWith("pong", (await Step(answer.ReadToEndAsync(), "HTTP/1.1 in pieces is answered"))
            .Replace("\r\n0\r\n\r\n", "", StringComparison.Ordinal).TrimEnd(), StringComparison.Ordinal);
        await Step(server.StopAsync(), "the server stops though a connection is silent");
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);
}
