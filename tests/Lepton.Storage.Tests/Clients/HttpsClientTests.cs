using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Tests.Servers;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;

namespace Lepton.Storage.Tests.Clients;

/// <summary>The clients of Debian's over TLS, and who speaks none or trusts another authority.</summary>
public sealed class HttpsClientTests : IAsyncLifetime
{
    private const int FileBytes = 20_000_000;
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();
    private readonly TestCertificates _certificates = new();
    private CoordinationClient? _client;
    private StorageNode? _node;
    private AccessKey _key = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Address => _node!.Address;

    private string Endpoint => Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync()
    {
        _client = await _coordination.NewClientAsync();
        _node = await StorageNode.StartAsync(
            new StorageOptions
            {
                Name = "s1",
                DataDir = _folder.Child("s1"),
                Coordination = _client,
                Listen = "https://127.0.0.1:0",
                Certificates = new CertificateFiles(
                    _certificates.CertificateOf("server"), _certificates.KeyOf("server"), null, false),
            },
            Cancellation);
        _key = await _node.Keys.AddAsync([], mayWrite: true, Cancellation);
        await File.WriteAllBytesAsync(_folder.Child("in"), Pattern.Of(FileBytes, 1), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        _client?.Dispose();
        await _coordination.DisposeAsync();
        _folder.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Aws_ThereAndBack_IsTheSame()
    {
        ClientProgram aws = Aws(_certificates.CaFile);
        aws.Require();
        string[] s3 = ["--endpoint-url", Endpoint, "--no-cli-pager", "s3"];
        await aws.RunAsync([.. s3, "mb", "s3://tls"]);
        await aws.RunAsync([.. s3, "cp", "--no-progress", _folder.Child("in"), "s3://tls/a"]);
        await aws.RunAsync([.. s3, "cp", "--no-progress", "s3://tls/a", _folder.Child("out")]);
        await AssertSameAsync();
    }

    [Fact]
    public async Task S3Cmd_ThereAndBack_IsTheSame()
    {
        ClientProgram s3cmd = new("/usr/bin/s3cmd", "s3cmd", new Dictionary<string, string>());
        s3cmd.Require();
        string config = _folder.Child("s3cfg");
        await File.WriteAllTextAsync(
            config,
            $"[default]\naccess_key = {_key.Id}\nsecret_key = {_key.Secret}\nhost_base = {Address.Authority}\n" +
            $"host_bucket = {Address.Authority}\nuse_https = True\nca_certs_file = {_certificates.CaFile}\n",
            Cancellation);
        string[] options = ["-c", config, "--no-progress"];
        await s3cmd.RunAsync([.. options, "mb", "s3://tls"]);
        await s3cmd.RunAsync([.. options, "put", _folder.Child("in"), "s3://tls/a"]);
        await s3cmd.RunAsync([.. options, "get", "s3://tls/a", _folder.Child("out")]);
        await AssertSameAsync();
    }

    [Fact]
    public async Task Rclone_ThereAndBack_IsTheSame()
    {
        ClientProgram rclone = new("/usr/bin/rclone", "rclone", new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = _folder.Child("rclone.conf"),
            ["RCLONE_CONFIG_LEPTON_TYPE"] = "s3",
            ["RCLONE_CONFIG_LEPTON_PROVIDER"] = "Other",
            ["RCLONE_CONFIG_LEPTON_ACCESS_KEY_ID"] = _key.Id,
            ["RCLONE_CONFIG_LEPTON_SECRET_ACCESS_KEY"] = _key.Secret,
            ["RCLONE_CONFIG_LEPTON_ENDPOINT"] = Endpoint,
            ["RCLONE_CONFIG_LEPTON_REGION"] = "us-east-1",
            ["RCLONE_CA_CERT"] = _certificates.CaFile,
        });
        rclone.Require();
        await rclone.RunAsync("mkdir", "lepton:tls");
        await rclone.RunAsync("copyto", _folder.Child("in"), "lepton:tls/a");
        await rclone.RunAsync("copyto", "lepton:tls/a", _folder.Child("out"));
        await AssertSameAsync();
    }

    [Fact]
    public async Task Connection_WithoutTlsOrTrust_IsItsOwnFailureAlone()
    {
        using TestCertificates foreign = new();
        using HttpClient distrusts = new(TrustingClients.NewHandler(foreign.CaFile));
        HttpRequestException e = await Assert.ThrowsAsync<HttpRequestException>(
            () => distrusts.GetAsync(Address, Cancellation));
        Assert.IsType<AuthenticationException>(e.InnerException);

        // Neither clear text nor half a handshake keeps others waiting.
        using TcpClient clear = new();
        await clear.ConnectAsync(IPAddress.Loopback, Address.Port, Cancellation);
        await clear.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), Cancellation);
        using TcpClient half = new();
        await half.ConnectAsync(IPAddress.Loopback, Address.Port, Cancellation);
        await half.GetStream().WriteAsync(new byte[] { 22, 3, 1 }, Cancellation);
        using HttpClient trusts = new(TrustingClients.NewHandler(_certificates.CaFile));
        using HttpResponseMessage answer = await trusts.GetAsync(Address, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.True(await IsClosedAsync(clear.GetStream()), "The server gave up the connection without TLS.");
    }

    [Fact]
    public async Task Handshake_ClientThatKnowsHttp2_IsAnsweredByHttp1()
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Address.Port, Cancellation);
        await using SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                CertificateChainPolicy = TrustingClients.NewHandler(_certificates.CaFile).SslOptions
                    .CertificateChainPolicy,
            },
            Cancellation);
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    private static async Task<bool> IsClosedAsync(NetworkStream stream)
    {
        // The server knows clear text at once; where it took it for half a handshake, it would wait for 30 seconds.
        using CancellationTokenSource soon = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        soon.CancelAfter(TimeSpan.FromSeconds(20));
        byte[] answer = new byte[100];
        try
        {
            while (await stream.ReadAsync(answer, soon.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            // A reset says the same as an end.
            return true;
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private ClientProgram Aws(string caFile) => new("/usr/bin/aws", "awscli", new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = _key.Id,
        ["AWS_SECRET_ACCESS_KEY"] = _key.Secret,
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_CONFIG_FILE"] = _folder.Child("aws-config"),
        ["AWS_SHARED_CREDENTIALS_FILE"] = _folder.Child("aws-credentials"),
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CA_BUNDLE"] = caFile,
    });

    private async Task AssertSameAsync()
    {
        byte[] back = await File.ReadAllBytesAsync(_folder.Child("out"), Cancellation);
        Assert.True(
            back.AsSpan().SequenceEqual(Pattern.Of(FileBytes, 1)), "The file came back with other bytes.");
    }
}
