using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Lepton.Rpc.Server;

/// <summary>
/// How a server proves who it is, and who may call. The certificates stay the caller's; keep them until the server has
/// stopped.
/// </summary>
public sealed record RpcServerTlsOptions
{
    /// <summary>The server's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Certificates between the server's and its root, which callers may not know; may be empty.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>
    /// The authorities that may vouch for callers. Whoever shows no certificate of theirs, or one that is over, is
    /// refused. Null asks callers for none.
    /// </summary>
    public X509Certificate2Collection? ClientRoots { get; init; }

    /// <summary>What is wrong with these options; empty where nothing is.</summary>
    internal IEnumerable<string> Errors()
    {
        if (!Certificate.HasPrivateKey)
        {
            yield return $"{nameof(Certificate)} ({Certificate.Subject}) has no private key; " +
                "load it together with its key.";
        }

        if (ClientRoots is { Count: 0 })
        {
            yield return $"{nameof(ClientRoots)} is empty, so no caller could be let in; " +
                "leave it null to ask callers for no certificate.";
        }
    }

    /// <summary>The same for .NET's TLS.</summary>
    /// <param name="protocols">What may be spoken over it.</param>
    internal SslServerAuthenticationOptions ToSslOptions(List<SslApplicationProtocol> protocols)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(Certificate, Intermediates, offline: true),
            ApplicationProtocols = protocols,
            ClientCertificateRequired = ClientRoots is not null,

            // Each connection is to show the caller's certificate, and have it checked as of now.
            AllowTlsResume = ClientRoots is null,
        };
        if (ClientRoots is { } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return options;
    }
}
