using System.Security.Cryptography.X509Certificates;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Hosting;

/// <summary>What <see cref="CertificateFiles"/> held.</summary>
internal sealed record LoadedCertificates(
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
    public RpcTlsOptions ToClient() => new() { TrustedRoots = Roots, ClientCertificate = Certificate };
}
