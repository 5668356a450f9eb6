using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Tests.Processes;

/// <summary>Nodes with certificates, right and wrong, as processes.</summary>
public sealed class TlsProcessTests : IAsyncDisposable
{
    private const string Bucket = "kept";
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();
    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _foreign = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Secret => ["--secret-key", Path.Combine(_folder.Child("s1"), "secret.key")];

    public async ValueTask DisposeAsync()
    {
        await _coordination.DisposeAsync();
        _folder.Dispose();
        _ours.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public async Task ThreeNodes_WithCertificates_StoreObjectsAndLetNobodyElseIn()
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess one = await StorageProcess.StartAsync(
            address, _folder.Child("s1"), "s1", [.. S3(), .. Peers(_ours)]);
        using StorageProcess two = await StorageProcess.StartAsync(
            address, _folder.Child("s2"), "s2", [.. Peers(_ours), .. Secret]);
        using StorageProcess three = await StorageProcess.StartAsync(
            address, _folder.Child("s3"), "s3", [.. S3(), .. Peers(_ours), .. Secret]);
        Assert.StartsWith("https://127.0.0.1:", one.Address, StringComparison.Ordinal);
        using AmazonS3Client s3 = one.NewS3(caFile: _ours.CaFile);
        using AmazonS3Client reader = three.NewS3(one, _ours.CaFile);
        await s3.PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(3_000_000, 1);
        await PutAsync(s3, "a", content);
        Assert.Equal(content, await GetAsync(reader, "a"));

        string blocks = await BlocksAddressAsync("s1");
        using X509Certificate2 right = Load(_ours, "client");
        using X509Certificate2 foreign = Load(_foreign, "client");
        using X509Certificate2 expired = Load(_ours, "expired");
        await AssertRefusedAsync(blocks, _ours.CaFile, null);
        await AssertRefusedAsync(blocks, _ours.CaFile, foreign);
        await AssertRefusedAsync(blocks, _ours.CaFile, expired);
        await AssertRefusedAsync(blocks, _foreign.CaFile, right);
        using HttpClient nearly = new(TrustingClients.NewHandler(_ours.CaFile, right));
        HttpResponseMessage answer = await nearly.GetAsync(
            new Uri($"{blocks}/blocks/{new string('0', 64)}"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await one.SaysAsync("was refused in its TLS handshake");

        // None of these kept the node from serving the others; nor does the loss of one.
        await two.KillAsync();
        await PutAsync(s3, "b", content);
        Assert.Equal(content, await GetAsync(reader, "b"));
    }

    [Fact]
    public async Task Node_OfAnotherAuthorityOrWithoutCertificates_IsRefusedAndTheOthersServe()
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess one = await StorageProcess.StartAsync(address, _folder.Child("s1"), "s1", Peers(_ours));
        using StorageProcess two = await StorageProcess.StartAsync(
            address, _folder.Child("s2"), "s2", [.. Peers(_ours), .. Secret]);
        using StorageProcess foreign = await StorageProcess.StartAsync(
            address, _folder.Child("s3"), "s3", [.. Peers(_foreign), .. Secret]);
        using StorageProcess bare = await StorageProcess.StartAsync(address, _folder.Child("s4"), "s4", Secret);
        using AmazonS3Client s3 = one.NewS3();
        await s3.PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(3_000_000, 1);
        await PutAsync(s3, "a", content);
        using AmazonS3Client second = two.NewS3(one);
        Assert.Equal(content, await GetAsync(second, "a"));

        using AmazonS3Client third = foreign.NewS3(one);
        AmazonS3Exception e = await Assert.ThrowsAsync<AmazonS3Exception>(
            () => PutAsync(third, "b", Pattern.Of(100_000, 2)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, e.StatusCode);
        Assert.Matches("The node 's[12]' at .* is not trusted: .*--peer-trusted-ca-file", e.Message);
        using AmazonS3Client fourth = bare.NewS3(one);
        e = await Assert.ThrowsAsync<AmazonS3Exception>(() => PutAsync(fourth, "b", Pattern.Of(100_000, 2)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, e.StatusCode);
        Assert.Matches("The node 's[123]' wants certificates at https://", e.Message);
        await PutAsync(s3, "b", content);
        Assert.Equal(content, await GetAsync(second, "b"));
    }

    [Fact]
    public async Task Start_CertificatesThatCannotBeUsed_EndsWithWhatIsWrong()
    {
        Uri address = await _coordination.AddressAsync();
        await EndsAsync(address, 2, "issue a new one",
        [
            "--listen", "https://127.0.0.1:0", "--cert-file", _ours.CertificateOf("expired"), "--key-file",
            _ours.KeyOf("expired"),
        ]);
        await EndsAsync(address, 2, "is not vouched for by --peer-trusted-ca-file",
        [
            "--peer-cert-file", _ours.CertificateOf("server"), "--peer-key-file", _ours.KeyOf("server"),
            "--peer-trusted-ca-file", _foreign.CaFile,
        ]);
        await EndsAsync(
            address, 2, "where blocks would travel without encryption", ["--listen-blocks", "http://0.0.0.0:0"]);
    }

    [Fact]
    public async Task AdvertiseBlocks_NodeThatListensEverywhere_IsFoundThere()
    {
        Uri address = await _coordination.AddressAsync();
        string port = FreePorts.Find(1)[0].ToString(CultureInfo.InvariantCulture);
        using StorageProcess one = await StorageProcess.StartAsync(
            address, _folder.Child("s1"), "s1",
            [
                .. Peers(_ours), "--listen-blocks", $"https://0.0.0.0:{port}", "--advertise-blocks",
                $"https://127.0.0.1:{port}",
            ]);
        using StorageProcess two = await StorageProcess.StartAsync(
            address, _folder.Child("s2"), "s2", [.. Peers(_ours), .. Secret]);
        Assert.Equal($"https://127.0.0.1:{port}", await BlocksAddressAsync("s1"));
        using AmazonS3Client s3 = two.NewS3(one);
        await s3.PutBucketAsync(Bucket, Cancellation);
        await PutAsync(s3, "a", [1, 2, 3]);
        using AmazonS3Client first = one.NewS3();
        Assert.Equal([1, 2, 3], await GetAsync(first, "a"));
    }

    [Fact]
    public async Task Coordination_ThatWantsCertificates_IsServedByWhoHasThem()
    {
        await using MemberCluster members = await MemberCluster.StartAsync(ServerProgram.Lepton, members: 1, _ours);
        Uri address = members.Endpoints[0];
        string[] right = ["--cacert", _ours.CaFile, "--cert", _ours.CertificateOf("client"), "--key",
            _ours.KeyOf("client")];
        using (StorageProcess node = await StorageProcess.StartAsync(address, _folder.Child("s1"), "s1", right))
        {
            using AmazonS3Client s3 = node.NewS3();
            await s3.PutBucketAsync(Bucket, Cancellation);
            await PutAsync(s3, "a", [1, 2, 3]);
            Assert.Equal([1, 2, 3], await GetAsync(s3, "a"));
            string where = address.GetLeftPart(UriPartial.Authority);
            (int code, string output, string error) = await StorageProcess.RunAsync(
                ["storage", "status", "--coordination", where, "--timeout", "60", .. right]);
            Assert.True(code == 0, error);
            Assert.Contains("s1\t", output, StringComparison.Ordinal);
        }

        await EndsAsync(address, 14, "no secure connection came about", ["--cacert", _foreign.CaFile]);
        await EndsAsync(
            address, 14, "failed with Unavailable", ["--cacert", _ours.CaFile, "--coordination-wait", "0"]);
    }

    [Fact]
    public async Task LeptonObject_HttpsOfAnAuthorityOfOnesOwn_IsTrustedByTheVariable()
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess node = await StorageProcess.StartAsync(address, _folder.Child("s1"), "s1", S3());
        (string id, string secret) = node.Key;
        Dictionary<string, string> variables = new()
        {
            ["AWS_ENDPOINT_URL"] = node.Address, ["AWS_ACCESS_KEY_ID"] = id, ["AWS_SECRET_ACCESS_KEY"] = secret,
            ["AWS_CA_BUNDLE"] = _ours.CaFile,
        };
        Assert.Equal(0, (await StorageProcess.RunAsync(variables, "object", "mb", "s3://own")).ExitCode);
        string file = _folder.Child("file");
        byte[] content = Pattern.Of(40_000_000, 1);
        await File.WriteAllBytesAsync(file, content, Cancellation);
        (int code, _, string error) = await StorageProcess.RunAsync(variables, "object", "put", file, "s3://own/a");
        Assert.True(code == 0, error);
        (code, _, error) = await StorageProcess.RunAsync(variables, "object", "get", "s3://own/a", file + ".back");
        Assert.True(code == 0, error);
        byte[] back = await File.ReadAllBytesAsync(file + ".back", Cancellation);
        Assert.True(back.AsSpan().SequenceEqual(content), "The file came back with other bytes.");

        variables["AWS_CA_BUNDLE"] = _foreign.CaFile;
        (code, _, error) = await StorageProcess.RunAsync(variables, "object", "ls", "s3://own");
        Assert.Equal(14, code);
        Assert.Contains("can't be trusted", error, StringComparison.Ordinal);
        Assert.Contains("AWS_CA_BUNDLE", error, StringComparison.Ordinal);
        variables["AWS_ENDPOINT_URL"] = node.Address.Replace("https:", "http:", StringComparison.Ordinal);
        (code, _, error) = await StorageProcess.RunAsync(variables, "object", "ls", "s3://own");
        Assert.Equal(14, code);
        Assert.Contains("Where it serves https, AWS_ENDPOINT_URL begins so.", error, StringComparison.Ordinal);
        await node.SaysAsync("it does not speak TLS, as where http is said for https");
        variables["AWS_CA_BUNDLE"] = "/no/such/file";
        (code, _, error) = await StorageProcess.RunAsync(variables, "object", "ls", "s3://own");
        Assert.NotEqual(0, code);
        Assert.Contains("AWS_CA_BUNDLE names '/no/such/file'", error, StringComparison.Ordinal);
    }

    private async Task EndsAsync(Uri coordination, int code, string message, string[] more)
    {
        string[] listen = more.Contains("--listen") ? [] : ["--listen", "http://127.0.0.1:0"];
        (int ended, _, string error) = await StorageProcess.RunAsync(
            [
                "storage", "--name", "x", "--data-dir", _folder.Child("x"), "--coordination",
                coordination.GetLeftPart(UriPartial.Authority), .. listen, .. more,
            ]);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(code, ended);
    }

    private string[] S3() =>
    [
        "--listen", "https://127.0.0.1:0", "--cert-file", _ours.CertificateOf("server"), "--key-file",
        _ours.KeyOf("server"),
    ];

    private static string[] Peers(TestCertificates certificates) =>
    [
        "--peer-cert-file", certificates.CertificateOf("server"), "--peer-key-file", certificates.KeyOf("server"),
        "--peer-trusted-ca-file", certificates.CaFile,
    ];

    private static X509Certificate2 Load(TestCertificates certificates, string name) =>
        X509Certificate2.CreateFromPemFile(certificates.CertificateOf(name), certificates.KeyOf(name));

    private async Task<string> BlocksAddressAsync(string node)
    {
        using CoordinationClient client = await _coordination.NewClientAsync();
        CoordinationMetadata metadata = new(client);
        return RecordJson.Read(
            (await metadata.GetAsync(MetadataKeys.Node(node), Cancellation))!, RecordJson.Default.NodeRecord)
            .Address.TrimEnd('/');
    }

    private static async Task AssertRefusedAsync(string blocks, string caFile, X509Certificate2? shown)
    {
        using HttpClient http = new(TrustingClients.NewHandler(caFile, shown));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => http.GetAsync(new Uri($"{blocks}/blocks/{new string('0', 64)}"), Cancellation));
    }

    private static async Task PutAsync(AmazonS3Client s3, string key, byte[] content)
    {
        using MemoryStream body = new(content);
        await s3.PutObjectAsync(
            new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = body }, Cancellation);
    }

    private static async Task<byte[]> GetAsync(AmazonS3Client s3, string key)
    {
        using GetObjectResponse read = await s3.GetObjectAsync(Bucket, key, Cancellation);
        using MemoryStream content = new();
        await read.ResponseStream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }
}
