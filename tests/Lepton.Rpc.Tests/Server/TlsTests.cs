using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Tests.Server;

public sealed class TlsTests : RpcTest
{
    private static readonly X509Certificate2 OurRoot = Root("our root");
    private static readonly X509Certificate2 OtherRoot = Root("another root");

    [Fact]
    public async Task UnaryAsync_OverTls_Answers()
    {
        using RpcChannel channel = await ConnectAsync(askClients: false, client: null, OurRoot);

        Assert.Equal(7, (await channel.UnaryAsync(Echo.Unary, NoteOf(7))).Number);
    }

    [Fact]
    public async Task UnaryAsync_LargeMessages_ComeThroughTls()
    {
        using RpcChannel channel = await ConnectAsync(askClients: false, client: null, OurRoot);
        string text = new('x', 3_000_000);

        Assert.Equal(text, (await channel.UnaryAsync(Echo.Unary, NoteOf(1, text))).Text);
    }

    [Fact]
    public async Task GetAsync_Http1OverTls_Answers()
    {
        Services.MapHttp("GET", "/hello", static http => http.Response.WriteAsync("hello"));
        RpcServer server = await ServeAsync(Options(askClients: false));
        using HttpClientHandler handler = new()
        {
            ServerCertificateCustomValidationCallback = static (_, certificate, _, _) =>
                certificate!.Issuer == OurRoot.Subject,
        };
        using HttpClient client = new(handler);

        Assert.Equal("hello", await client.GetStringAsync(new Uri(server.Address, "/hello")));
    }

    [Fact]
    public async Task UnaryAsync_ServerOfAnotherAuthority_IsNotTrusted()
    {
        using RpcChannel channel = await ConnectAsync(askClients: false, client: null, OtherRoot);

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(7)));

        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
    }

    [Fact]
    public async Task UnaryAsync_WithTheCertificateThatIsAskedFor_IsLetIn()
    {
        using X509Certificate2 client = Issue(OurRoot, "a client", -1, 1);
        using RpcChannel channel = await ConnectAsync(askClients: true, client, OurRoot);

        Assert.Equal(7, (await channel.UnaryAsync(Echo.Unary, NoteOf(7))).Number);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("of another authority")]
    [InlineData("over")]
    public async Task UnaryAsync_WithoutTheCertificateThatIsAskedFor_IsRefused(string which)
    {
        using X509Certificate2? client = which switch
        {
            "of another authority" => Issue(OtherRoot, "a client", -1, 1),
            "over" => Issue(OurRoot, "a client", -3, -2),
            _ => null,
        };
        using RpcChannel channel = await ConnectAsync(askClients: true, client, OurRoot);

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(7)));

        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
    }

    /// <summary>What the caller learns is a TLS alert at most; who runs the server must be able to find out.</summary>
    [Fact]
    public async Task Handshake_CertificateIsNotLetIn_IsLoggedWithTheCaller()
    {
        using FirstWarning log = new();
        RpcServer server = await ServeAsync(Options(askClients: true) with { LoggerFactory = log });
        using X509Certificate2 client = Issue(OtherRoot, "a client", -1, 1);
        using RpcChannel channel = Trusting(server.Address, OurRoot, client);

        await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(7)));

        string text = await Step(log.Text, "the refusal is logged");
        Assert.Contains("A connection from 127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains("was refused in its TLS handshake", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_NoCertificate_BothAreToldThatOneIsMissing()
    {
        using FirstWarning log = new();
        RpcServer server = await ServeAsync(Options(askClients: true) with { LoggerFactory = log });
        using RpcChannel channel = Trusting(server.Address, OurRoot, client: null);

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, NoteOf(7)));

        Assert.DoesNotContain("disposed", e.Message, StringComparison.Ordinal);
        string text = await Step(log.Text, "the refusal is logged");
        Assert.Contains("it shows no certificate, and has to", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_GarbageInPlaceOfTls_HoldsUpNobody()
    {
        using FirstWarning log = new();
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcServer server = await ServeAsync(Options(askClients: false) with { LoggerFactory = log });
        using TcpClient garbage = new();
        await garbage.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await garbage.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        using RpcChannel channel = Trusting(server.Address, OurRoot, client: null);

        Assert.Equal(7, (await channel.UnaryAsync(Echo.Unary, NoteOf(7))).Number);
        Assert.True(await Step(ClosedAsync(garbage.GetStream()), "the server gave up the connection without TLS"));
        string text = await Step(log.Text, "the connection without TLS is logged");
        Assert.Contains("it does not speak TLS", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_BeyondLoopbackWithClientCertificates_IsAllowed()
    {
        RpcServer server = await ServeAsync(
            Options(askClients: true) with { EndPoint = new IPEndPoint(IPAddress.Any, 0) });

        Assert.Equal("https", server.Address.Scheme);
    }

    private static async Task<bool> ClosedAsync(NetworkStream stream)
    {
        byte[] answer = new byte[100];
        try
        {
            while (await stream.ReadAsync(answer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset says the same as an end.
            return true;
        }

        return true;
    }

    private static RpcServerOptions Options(bool askClients) => new()
    {
        Tls = new RpcServerTlsOptions
        {
            Certificate = Issue(OurRoot, "a server", -1, 1),
            ClientRoots = askClients ? [OurRoot] : null,
        },
    };

    private static RpcChannel Trusting(Uri address, X509Certificate2 root, X509Certificate2? client) => new(
        new UriBuilder(address) { Host = "127.0.0.1" }.Uri,
        new RpcChannelOptions { Tls = new RpcTlsOptions { TrustedRoots = [root], ClientCertificate = client } });

    private async Task<RpcChannel> ConnectAsync(bool askClients, X509Certificate2? client, X509Certificate2 trusted)
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcServer server = await ServeAsync(Options(askClients));
        return Trusting(server.Address, trusted, client);
    }

    private static X509Certificate2 Root(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Day(-10), Day(10));
    }

    private static X509Certificate2 Issue(X509Certificate2 root, string name, int fromDay, int toDay)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        using X509Certificate2 bare = request.Create(root, Day(fromDay), Day(toDay), serial);
        return bare.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Day(int day) => DateTimeOffset.UtcNow.AddDays(day);
}
