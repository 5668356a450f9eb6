using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Rpc.Tests.Client;

public sealed class FailureTests : RpcTest
{
    [Fact]
    public async Task UnaryAsync_NobodyListens_IsUnavailableByTheNetworkWithTheAddress()
    {
        using Socket reserved = new(SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Uri address = new($"http://127.0.0.1:{((IPEndPoint)reserved.LocalEndPoint!).Port}");
        RpcChannel channel = Channel(address);
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Network, true), (e.StatusCode, e.Party, e.NeverReached));
        Assert.StartsWith(
            $"Call of /lepton.rpc.tests.Echo/Unary at http://127.0.0.1:{address.Port} ended with Unavailable. " +
            "The network between caller and callee failed: no connection came about: ", e.Message,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "Check that the callee runs and listens at this address, then call again.", e.Message,
            StringComparison.Ordinal);

        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await Assert.ThrowsAsync<RpcException>(() => Step(call.Opened, "the stream fails to open"));
        await Assert.ThrowsAsync<RpcException>(async () => await call.WriteAsync(NoteOf(1)));
        await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAsync());
    }

    [Fact]
    public async Task UnaryAsync_PeerSpeaksNoHttp2_IsUnavailableByTheCallee()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            byte[] greeting = Encoding.ASCII.GetBytes("220 mail.example ESMTP is glad to meet you all\r\n");
            await client.GetStream().WriteAsync(greeting);
            await client.GetStream().ReadAtLeastAsync(new byte[1024], 1, throwOnEndOfStream: false);
        });
        RpcChannel channel = Channel(new Uri($"http://{listener.LocalEndpoint}"));
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(channel.UnaryAsync(Echo.Unary, NoteOf(1)), "the call fails"));
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        Assert.NotEqual(RpcParty.Caller, e.Party);
        await answering;
    }

    [Fact]
    public async Task OpenDuplex_ServerDiesMidStream_IsUnavailableByTheNetworkForReaderAndWriter()
    {
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await foreach (Note note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });
        RpcServer server = await ServeAsync();
        await using CuttableRelay wire = new(server.Address);
        RpcChannel channel = Channel(wire.Address);
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await call.WriteAsync(NoteOf(1));
        Assert.Equal(NoteOf(1), await Step(call.ReadAsync().AsTask(), "the echo comes"));
        wire.Cut();
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(call.ReadAsync().AsTask(), "the reader learns that the wire is cut"));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Network, false), (e.StatusCode, e.Party, e.NeverReached));
        Assert.Contains("/lepton.rpc.tests.Echo/Chat at " + wire.Address.GetLeftPart(UriPartial.Authority), e.Message,
            StringComparison.Ordinal);
        RpcException w = await Assert.ThrowsAsync<RpcException>(async () => await call.WriteAsync(NoteOf(2)));
        Assert.Equal(StatusCode.Unavailable, w.StatusCode);
    }

    [Fact]
    public async Task OpenDuplex_PeerFallsSilent_KeepAliveFindsOut()
    {
        Services.MapDuplex(Echo.Chat, async (stream, call) =>
        {
            await foreach (Note note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });
        RpcServer server = await ServeAsync();
        await using CuttableRelay wire = new(server.Address);
        RpcChannel channel = Channel(wire.Address, new RpcChannelOptions
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        });
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        await call.WriteAsync(NoteOf(1));
        await Step(call.ReadAsync().AsTask(), "the echo comes");
        wire.Swallow();
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(call.ReadAsync().AsTask(), "the reader learns that the peer is silent"));
        Assert.Equal((StatusCode.Unavailable, RpcParty.Network), (e.StatusCode, e.Party));
    }

    [Fact]
    public async Task UnaryAsync_HandlerFails_CallerGetsStatusDetailAndTrailers()
    {
        Services.MapUnary(Echo.Unary, (_, _) =>
        {
            RpcMetadata trailers = [];
            trailers.Add("retry-after-ms", "250");
            throw new RpcException(StatusCode.NotFound, "no key 'ключ'; list the keys first")
            {
                Trailers = trailers,
            };
        });
        RpcChannel channel = await ServeAndConnectAsync();
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Equal((StatusCode.NotFound, RpcParty.Callee), (e.StatusCode, e.Party));
        Assert.Equal("no key 'ключ'; list the keys first", e.Detail);
        Assert.Equal("250", e.Trailers.GetText("retry-after-ms"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task UnaryAsync_EveryStatus_ArrivesAsItIs(int code)
    {
        Services.MapUnary(Echo.Unary, (_, _) => throw new RpcException((StatusCode)code, "so it is"));
        RpcChannel channel = await ServeAndConnectAsync();
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(1)));
        Assert.Equal((StatusCode)code, e.StatusCode);
    }

    [Fact]
    public async Task UnaryAsync_RequestOverTheServersLimit_IsResourceExhaustedByTheCallee()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcChannel channel = await ServeAndConnectAsync(new RpcServerOptions { MessageBytesMax = 100_000 });
        Note large = new() { Payload = ByteString.CopyFrom(new byte[3_000_000]) };
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(channel.UnaryAsync(Echo.Unary, large), "the call is refused"));
        Assert.Equal((StatusCode.ResourceExhausted, RpcParty.Callee), (e.StatusCode, e.Party));
        Assert.Contains("limit of 100,000 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnaryAsync_ResponseOverTheCallersLimit_IsResourceExhaustedByTheCaller()
    {
        Services.MapUnary(Echo.Unary,
            (_, _) => Task.FromResult(new Note { Payload = ByteString.CopyFrom(new byte[3_000_000]) }));
        RpcChannel channel = await ServeAndConnectAsync(
            channelOptions: new RpcChannelOptions { MessageBytesMax = 100_000 });
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(channel.UnaryAsync(Echo.Unary, NoteOf(1)), "the response is refused"));
        Assert.Equal((StatusCode.ResourceExhausted, RpcParty.Caller), (e.StatusCode, e.Party));
        Assert.Contains("raise the caller's limit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnaryAsync_MessageOfManyMegabytes_TravelsBothWays()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcChannel channel = await ServeAndConnectAsync();
        byte[] payload = new byte[20_000_000];
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)(i * 31 >> 3);
        }

        Note large = new() { Payload = UnsafeByteOperations.UnsafeWrap(payload) };
        Note back = await Step(channel.UnaryAsync(Echo.Unary, large), "20 MB come back");
        Assert.True(back.Payload.Span.SequenceEqual(payload));
    }

    [Theory]
    [InlineData("garbage", StatusCode.Internal, "is no valid Note")]
    [InlineData("half", StatusCode.Internal, "ended inside a message")]
    [InlineData("no status", StatusCode.Unknown, "ended without a grpc-status")]
    [InlineData("strange status", StatusCode.Unknown, "unknown grpc-status '99'")]
    [InlineData("no grpc", StatusCode.Unknown, "the content type 'text/html'")]
    [InlineData("404", StatusCode.Unimplemented, "HTTP status 404")]
    [InlineData("401", StatusCode.Unauthenticated, "HTTP status 401")]
    [InlineData("503", StatusCode.Unavailable, "HTTP status 503")]
    [InlineData("encoding", StatusCode.Internal, "compressed by 'snappy'")]
    [InlineData("none", StatusCode.Unimplemented, "sent no response")]
    [InlineData("two", StatusCode.Unimplemented, "a second response")]
    [InlineData("reset", StatusCode.Internal, "broke the stream off")]
    [InlineData("refuse", StatusCode.Unavailable, "refused the stream")]
    [InlineData("cancel", StatusCode.Cancelled, "cancelled the stream")]
    [InlineData("busy", StatusCode.ResourceExhausted, "too busy")]
    public async Task UnaryAsync_CalleeBreaksTheProtocol_CalleeIsToBlame(string how, StatusCode code, string detail)
    {
        await using PlainServer server = await PlainServer.StartAsync(context => AnswerBadlyAsync(context, how));
        RpcChannel channel = Channel(server.Address);
        RpcException e = await Assert.ThrowsAsync<RpcException>(
            () => Step(channel.UnaryAsync(Echo.Unary, NoteOf(1)), "the call fails"));
        Assert.Equal((code, RpcParty.Callee), (e.StatusCode, e.Party));
        Assert.Contains(detail, e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnaryAsync_GzippedResponse_IsUnpacked()
    {
        byte[] packed = Gzip.Pack(NoteOf(5, new string('x', 1000)).ToByteArray());
        await using PlainServer server = await PlainServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-encoding"] = "gzip";
            await context.Response.Body.WriteAsync(
                (byte[])[1, 0, 0, (byte)(packed.Length >> 8), (byte)packed.Length, .. packed]);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        Note response = await Channel(server.Address).UnaryAsync(Echo.Unary, NoteOf(1));
        Assert.Equal(NoteOf(5, new string('x', 1000)), response);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/path")]
    public void Constructor_AddressOfNoServer_SaysWhatIsExpected(string address)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new RpcChannel(new Uri(address)));
        Assert.Contains("Write scheme, host and port", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_CertificatesForAnAddressInTheClear_AreRefused() => Assert.Contains(
        "There are certificates for 'http://127.0.0.1:1/', which is not encrypted",
        Assert.Throws<ArgumentException>(() => new RpcChannel(
            new Uri("http://127.0.0.1:1"), new RpcChannelOptions { Tls = new RpcTlsOptions() })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Constructor_WrongCertificates_ListsThemAll()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new RpcChannel(
            new Uri("https://127.0.0.1:1"),
            new RpcChannelOptions { Tls = new RpcTlsOptions { TrustedRoots = [], ServerName = "" } }));
        Assert.Contains("TrustedRoots is empty", e.Message, StringComparison.Ordinal);
        Assert.Contains("ServerName is empty", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_WrongOptions_ListsThemAll()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new RpcChannel(
            new Uri("http://127.0.0.1:1"),
            new RpcChannelOptions { MessageBytesMax = 0, BearerToken = "two words", UnaryTimeout = TimeSpan.Zero }));
        Assert.Contains("MessageBytesMax is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("BearerToken must be", e.Message, StringComparison.Ordinal);
        Assert.Contains("UnaryTimeout is 00:00:00", e.Message, StringComparison.Ordinal);
    }

    private static async Task AnswerBadlyAsync(HttpContext context, string how)
    {
        HttpResponse response = context.Response;
        response.ContentType = "application/grpc";
        switch (how)
        {
            case "no grpc":
                response.ContentType = "text/html";
                return;
            case "404" or "401" or "503":
                response.StatusCode = int.Parse(how, System.Globalization.CultureInfo.InvariantCulture);
                return;
            case "encoding":
                response.Headers["grpc-encoding"] = "snappy";
                return;
            case "reset" or "refuse" or "cancel" or "busy":
                int code = how switch { "reset" => 2, "refuse" => 7, "cancel" => 8, _ => 11 };
                context.Features.Get<IHttpResetFeature>()!.Reset(code);
                return;
        }

        byte[] body = how switch
        {
            "garbage" => [0, 0, 0, 0, 2, 0xff, 0xff],
            "half" => [0, 0, 0, 0, 9, 8],
            "two" => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            _ => [],
        };
        await response.StartAsync();
        await response.Body.WriteAsync(body);
        if (how != "no status")
        {
            response.AppendTrailer("grpc-status", how == "strange status" ? "99" : "0");
        }
    }
}
