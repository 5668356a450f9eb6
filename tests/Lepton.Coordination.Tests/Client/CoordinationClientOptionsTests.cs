using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Client;

public sealed class CoordinationClientOptionsTests
{
    [Fact]
    public void Constructor_EverythingWrong_ListsAll()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new CoordinationClient(
            new CoordinationClientOptions
            {
                Endpoints =
                [
                    new Uri("http://a:1"), new Uri("http://a:1"), new Uri("ftp://b"), new Uri("http://c/path"),
                ],
                CallTimeout = TimeSpan.Zero,
                AttemptTimeout = TimeSpan.FromSeconds(-1),
                MessageBytesMax = 0,
                Tls = new CoordinationTlsOptions(),
            }));
        Assert.All(
            (string[])["'ftp://b/' is no address", "'http://c/path' is no address", "'http://a:1/' is given 2 times",
                "not encrypted", "CallTimeout", "AttemptTimeout", "MessageBytesMax"],
            part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_NoEndpoints_SaysWhatIsExpected() => Assert.Contains(
        "name one server at least",
        Assert.Throws<ArgumentException>(
            () => new CoordinationClient(new CoordinationClientOptions { Endpoints = [] })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Constructor_WrongCertificateFiles_ListsAll()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new CoordinationClient(
            new CoordinationClientOptions
            {
                Endpoints = [new Uri("https://127.0.0.1:1")],
                Tls = new CoordinationTlsOptions { CaFile = "/no/such/ca.pem", CertificateFile = "/no/such/cert.pem" },
            }));
        Assert.Contains("CaFile '/no/such/ca.pem'", e.Message, StringComparison.Ordinal);
        Assert.Contains("CertificateFile and KeyFile belong together", e.Message, StringComparison.Ordinal);
    }
}
