using Lepton.Coordination.Hosting;

namespace Lepton.Coordination.Tests.Hosting;

/// <summary>One wrong flag is one complaint: what follows from it is not told beside it.</summary>
public sealed class CoordinatorSettingsTests
{
    private static readonly CoordinatorOptions Right = new();

    [Fact]
    public void Resolve_ListenUrlThatIsWrong_IsToldOfItsFlagAlone()
    {
        Refused(
            Right with { ListenClientUrls = ["http://127.0.0.1"] },
            "--listen-client-urls: 'http://127.0.0.1' has no port; expected such as http://127.0.0.1:2379.");
        Refused(
            Right with { ListenPeerUrls = ["nonsense"] },
            "--listen-peer-urls: 'nonsense' is no URL; expected such as http://127.0.0.1:2379.");
        Refused(
            Right with { ListenPeerUrls = [] },
            "--listen-peer-urls is empty; give a URL such as http://127.0.0.1:2379.");
    }

    [Fact]
    public void Resolve_AdvertisedUrlThatIsWrong_IsToldOfItsFlag() => Refused(
        Right with { AdvertiseClientUrls = ["ftp://h:1"] },
        "--advertise-client-urls: 'ftp://h:1' begins with ftp; expected http or https, such as http://127.0.0.1:2379.");

    [Fact]
    public void Resolve_ClusterThatCannotBeRead_IsToldOnce() => Refused(
        Right with { InitialCluster = "n1" },
        "--initial-cluster: 'n1' is no NAME=URL, such as n1=http://127.0.0.1:2380.");

    [Fact]
    public void Resolve_CertificateThatCannotBeRead_IsNotSaidToBeMissing()
    {
        string none = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "cert.pem");
        ArgumentException e = Assert.Throws<ArgumentException>(() => CoordinatorSettings.Resolve(Right with
        {
            ListenClientUrls = ["https://127.0.0.1:2379"],
            Certificates = new CertificateFiles(none, none, null, AsksClients: false),
        }));
        Assert.StartsWith(
            $"The coordinator can't start. --cert-file with --key-file '{none}' '{none}': ", e.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("--listen-client-urls", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_CertificateBesideClearUrlsAlone_IsRefused()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => CoordinatorSettings.Resolve(Right with
        {
            PeerCertificates = new CertificateFiles("cert.pem", null, null, AsksClients: false),
        }));
        Assert.Contains(
            "--peer-cert-file would protect nothing, as no URL of --listen-peer-urls begins with https.", e.Message,
            StringComparison.Ordinal);
    }

    private static void Refused(CoordinatorOptions options, string complaint) => Assert.Equal(
        $"The coordinator can't start. {complaint}",
        Assert.Throws<ArgumentException>(() => CoordinatorSettings.Resolve(options)).Message);
}
