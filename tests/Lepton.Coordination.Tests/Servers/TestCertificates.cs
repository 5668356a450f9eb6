using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// An authority with a server's, a client's and an expired certificate, as PEM files in a temporary folder.
/// </summary>
public sealed class TestCertificates : IDisposable
{
    /// <summary>RFC 5280, section 4.2.1.12: for servers, for clients.</summary>
    private static readonly string[] s_uses = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-certificates-");
    private readonly X509Certificate2 _authority;
    private readonly IPAddress[] _addresses;

    /// <summary>Issues them.</summary>
    /// <param name="addresses">Where servers with them stand; loopback where none is given.</param>
    public TestCertificates(params IPAddress[] addresses)
    {
        _addresses = addresses.Length > 0 ? addresses : [IPAddress.Loopback];
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Lepton tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
        Issue("server", From, Until, _addresses, s_uses);
        Issue("client", From, Until, _addresses, s_uses);
        Issue("expired", From, From + TimeSpan.FromMinutes(1), _addresses, s_uses);
    }

    public string CaFile => PathOf("ca.pem");

    // Taken once: what is issued must not outlive the authority by a second.
    private DateTimeOffset From { get; } = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);

    private DateTimeOffset Until => From + TimeSpan.FromDays(1);

    /// <summary>The certificate of "server", "client" or "expired", or of one that was issued since.</summary>
    public string CertificateOf(string name) => PathOf(name + ".pem");

    /// <summary>Its key.</summary>
    public string KeyOf(string name) => PathOf(name + ".key");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Issues another one, for servers alone.</summary>
    public void IssueForServers(string name) => Issue(name, From, Until, _addresses, s_uses[..1]);

    /// <summary>Issues another one, for another host.</summary>
    public void IssueFor(string name, IPAddress address) => Issue(name, From, Until, [address], s_uses);

    private void Issue(
        string name, DateTimeOffset from, DateTimeOffset until, IPAddress[] addresses, string[] uses)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        Array.ForEach(addresses, names.AddIpAddress);
        request.CertificateExtensions.Add(names.Build());
        OidCollection purposes = [];
        Array.ForEach(uses, use => purposes.Add(new Oid(use)));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical: false));
        using X509Certificate2 issued = request.Create(_authority, from, until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(CertificateOf(name), issued.ExportCertificatePem());
        File.WriteAllText(KeyOf(name), key.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
