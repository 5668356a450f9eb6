using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>An authority with a server's and a client's certificate, as PEM files in a temporary folder.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-certificates-");
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Lepton tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
        Issue("server");
        Issue("client");
    }

    public string CaFile => PathOf("ca.pem");

    private static DateTimeOffset From => TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);

    private static DateTimeOffset Until => From + TimeSpan.FromDays(1);

    /// <summary>The certificate of "server" or "client".</summary>
    public string CertificateOf(string name) => PathOf(name + ".pem");

    /// <summary>Its key.</summary>
    public string KeyOf(string name) => PathOf(name + ".key");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Issue(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 issued = request.Create(_authority, From, Until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(CertificateOf(name), issued.ExportCertificatePem());
        File.WriteAllText(KeyOf(name), key.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
