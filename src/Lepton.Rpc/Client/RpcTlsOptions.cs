using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Lepton.Rpc.Client;

/// <summary>
/// How a channel to an <c>https</c> address proves who the server is, and who the caller is. The certificates stay the
/// caller's; keep them until the channel is disposed.
/// </summary>
public sealed record RpcTlsOptions
{
    /// <summary>
    /// The authorities that may vouch for the server, in place of the machine's; null trusts the machine's.
    /// </summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>What the caller shows of itself, with its private key; null shows nothing.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Certificates between the caller's and its root, which the server may not know; may be empty.</summary>
    public X509Certificate2Collection ClientIntermediates { get; init; } = [];

    /// <summary>
    /// The name that the server's certificate must be for, and that requests call the server by; null is the address's
    /// host.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>What is wrong with these options; empty where nothing is.</summary>
    internal IEnumerable<string> Errors()
    {
        if (TrustedRoots is { Count: 0 })
        {
            yield return $"{nameof(TrustedRoots)} is empty, so no server could be trusted; " +
                "leave it null for the machine's own authorities.";
        }

        if (ClientCertificate is { HasPrivateKey: false })
        {
            yield return $"{nameof(ClientCertificate)} ({ClientCertificate.Subject}) has no private key; " +
                "load it together with its key.";
        }

        if (ServerName is { Length: 0 })
        {
            yield return $"{nameof(ServerName)} is empty; leave it null for the address's host.";
        }
    }

    /// <summary>The same for .NET's TLS, but for the name, which the HTTP client takes from each request.</summary>
    internal SslClientAuthenticationOptions ToSslOptions()
    {
        SslClientAuthenticationOptions options = new();
        if (TrustedRoots is { } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        if (ClientCertificate is { } certificate)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(
                certificate, ClientIntermediates, offline: true);
        }

        return options;
    }
}
