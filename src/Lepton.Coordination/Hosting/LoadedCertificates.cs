using System.Security.Cryptography.X509Certificates;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Hosting;

/// <summary>What <see cref="CertificateFiles"/> held.</summary>
/// <param name="Certificate">The certificate, with its private key.</param>
/// <param name="Intermediates">Those between it and its root.</param>
/// <param name="Roots">The authorities that may vouch for callers and peers; null for the machine's.</param>
/// <param name="AsksClients">Whether callers must show a certificate of those authorities.</param>
public sealed record LoadedCertificates(
    X509Certificate2 Certificate, X509Certificate2Collection Intermediates, X509Certificate2Collection? Roots,
    bool AsksClients)
{
    /// <summary>For a server.</summary>
    public RpcServerTlsOptions ToServer() => new()
    {
        Certificate = Certificate,
        Intermediates = Intermediates,
        ClientRoots = AsksClients ? Roots : null,
    };

    /// <summary>For calls to peers.</summary>
    public RpcTlsOptions ToClient() => new()
    {
        TrustedRoots = Roots,
        ClientCertificate = Certificate,
        ClientIntermediates = Intermediates,
    };
}
