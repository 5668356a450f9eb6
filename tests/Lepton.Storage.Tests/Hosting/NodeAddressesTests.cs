using System.Net;
using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Tests.Servers;
using Lepton.Storage.Hosting;

namespace Lepton.Storage.Tests.Hosting;

/// <summary>Where a node may listen, by which certificates, and what is said of those that can't be used.</summary>
public sealed class NodeAddressesTests : IDisposable
{
    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _foreign = new();
    private readonly CoordinationClient _client = new();

    private CertificateFiles Ours => FilesOf("server", _ours.CaFile);

    public void Dispose()
    {
        _client.Dispose();
        _ours.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public void Resolve_NothingSaid_IsLoopbackWithoutEncryption()
    {
        NodeAddresses addresses = Resolve(static options => options);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 9000), addresses.S3);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), addresses.Blocks);
        Assert.Null(addresses.S3Tls);
        Assert.Null(addresses.BlocksTls);
        Assert.Null(addresses.ToPeersTls);
        Assert.Null(addresses.AdvertisedBlocks);
    }

    [Fact]
    public void Resolve_Certificates_AreShownAndAskedFor()
    {
        NodeAddresses addresses = Resolve(options => options with
        {
            Listen = "https://0.0.0.0:9000",
            Certificates = Ours with { TrustedCaFile = null },
            ListenBlocks = "https://0.0.0.0:7000",
            AdvertiseBlocks = "https://127.0.0.1:7001",
            PeerCertificates = Ours,
        });
        Assert.Null(addresses.S3Tls!.ClientRoots);
        Assert.Equal(new Uri("https://127.0.0.1:7001"), addresses.AdvertisedBlocks);
        Assert.Single(addresses.BlocksTls!.ClientRoots!);
        Assert.Single(addresses.ToPeersTls!.TrustedRoots!);
        Assert.NotNull(addresses.ToPeersTls.ClientCertificate);
    }

    [Fact]
    public void Resolve_UnencryptedBeyondLoopback_IsForWhoSaysSo()
    {
        string message = Refused(static options => options with { Listen = "http://0.0.0.0:9000" });
        Assert.Contains("--listen: 'http://0.0.0.0:9000' can be reached from other machines", message,
            StringComparison.Ordinal);
        Assert.Contains("--allow-unencrypted", message, StringComparison.Ordinal);
        Resolve(static options => options with { Listen = "http://0.0.0.0:9000", AllowsUnencrypted = true });
    }

    [Theory]
    [InlineData("http://0.0.0.0:7000", null, "where blocks would travel without encryption")]
    [InlineData("http://10.0.0.1:7000", null, "--peer-cert-file, --peer-key-file, --peer-trusted-ca-file")]
    [InlineData("https://127.0.0.1:7000", null, "needs certificates (--peer-cert-file")]
    [InlineData("ftp://127.0.0.1:7000", null, "--listen-blocks: 'ftp://127.0.0.1:7000' is no URL to listen at")]
    [InlineData("http://s1.example:7000", null, "'http://s1.example:7000' names a host")]
    [InlineData("http://127.0.0.1:7000", "https://127.0.0.1:7000", "Write both alike")]
    [InlineData("http://127.0.0.1:7000", "http://0.0.0.0:7000", "is no URL at which other nodes reach this one")]
    [InlineData("http://127.0.0.1:7000", "s1:7000", "is no URL at which other nodes reach this one")]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:7000", "takes any free port. Name the port there.")]
    public void Resolve_WithoutCertificates_SaysWhatIsWrong(string listen, string? advertise, string expected) =>
        Assert.Contains(expected, Refused(options => options with
        {
            ListenBlocks = listen, AdvertiseBlocks = advertise,
        }), StringComparison.Ordinal);

    [Fact]
    public void Resolve_CertificatesThatOtherNodesWouldRefuse_SaysWhich()
    {
        _ours.IssueForServers("one-sided");
        _ours.IssueFor("elsewhere", IPAddress.Parse("10.9.8.7"));
        Refused(FilesOf("expired", _ours.CaFile), "issue a new one");
        Refused(FilesOf("server", _foreign.CaFile), "is not vouched for by --peer-trusted-ca-file");
        Refused(FilesOf("one-sided", _ours.CaFile), "for servers and clients (NotValidForUsage)");
        Refused(FilesOf("elsewhere", _ours.CaFile), "is for another host than '127.0.0.1'");
        Refused(Ours with { KeyFile = _foreign.KeyOf("server") }, "--peer-key-file");
        Refused(Ours with { CertFile = "/no/such/file" }, "--peer-cert-file with --peer-key-file");
        Refused(Ours with { KeyFile = null }, "belong together; give both or neither");
        Refused(Ours with { TrustedCaFile = null }, "--peer-cert-file needs --peer-trusted-ca-file");
        Refused(
            new CertificateFiles(null, null, _ours.CaFile, true), "--peer-trusted-ca-file is of no use without");
        Assert.Contains(
            "--peer-cert-file would protect nothing", Refused(options => options with
            {
                ListenBlocks = "http://127.0.0.1:0", PeerCertificates = Ours,
            }),
            StringComparison.Ordinal);
        Assert.Contains(
            "Say which with --advertise-blocks", Refused(options => options with
            {
                ListenBlocks = "https://0.0.0.0:7000", PeerCertificates = Ours,
            }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_CertificateOfS3_MustBeUsedAndValid()
    {
        Assert.Contains("--cert-file would protect nothing", Refused(options => options with
        {
            Certificates = Ours,
        }), StringComparison.Ordinal);
        Assert.Contains("needs a certificate and its key (--cert-file, --key-file)", Refused(options => options with
        {
            Listen = "https://127.0.0.1:9000",
        }), StringComparison.Ordinal);
        Assert.Contains("--cert-file '", Refused(options => options with
        {
            Listen = "https://127.0.0.1:9000", Certificates = FilesOf("expired", null),
        }), StringComparison.Ordinal);
    }

    private void Refused(CertificateFiles peers, string expected) => Assert.Contains(
        expected, Refused(options => options with { PeerCertificates = peers }), StringComparison.Ordinal);

    private string Refused(Func<StorageOptions, StorageOptions> configure) =>
        Assert.Throws<ArgumentException>(() => Resolve(configure)).Message;

    private NodeAddresses Resolve(Func<StorageOptions, StorageOptions> configure) =>
        StorageSettings.Validate(configure(new StorageOptions
        {
            Name = "s1", DataDir = "s1", Coordination = _client,
        }));

    private CertificateFiles FilesOf(string name, string? caFile) =>
        new(_ours.CertificateOf(name), _ours.KeyOf(name), caFile, false);
}
