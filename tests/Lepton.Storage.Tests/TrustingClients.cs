using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace Lepton.Storage.Tests;

/// <summary>Has AWS's SDK trust an authority of the tests.</summary>
internal sealed class TrustingClients(string caFile) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(NewHandler(caFile));

    /// <summary>Trusts what an authority vouches for, and nothing else.</summary>
    public static SocketsHttpHandler NewHandler(string caFile, X509Certificate2? shown = null)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificateContext = shown is null
                    ? null
                    : SslStreamCertificateContext.Create(shown, null, offline: true),
            },
        };
    }
}
