using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace Lepton.Objects;

/// <summary>
/// Connections to a store whose certificate authorities of one's own vouch for, as the SDK asks for them. Thread safe.
/// </summary>
internal sealed class TrustedRoots : HttpClientFactory
{
    private readonly X509Certificate2Collection _roots = [];

    /// <param name="file">The authorities, PEM.</param>
    /// <exception cref="ObjectException">The file is missing, or holds none.</exception>
    public TrustedRoots(string file)
    {
        try
        {
            _roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unusable(file, e.Message.TrimEnd('.'), e);
        }

        if (_roots.Count == 0)
        {
            throw Unusable(file, "it holds no certificate", null);
        }
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        ArgumentNullException.ThrowIfNull(clientConfig);
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            ConnectTimeout = clientConfig.ConnectTimeout ?? Timeout.InfiniteTimeSpan,
            UseCookies = false,
        };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
        return new HttpClient(handler) { Timeout = clientConfig.Timeout ?? Timeout.InfiniteTimeSpan };
    }

    private static ObjectException Unusable(string file, string why, Exception? e) => new(
        $"AWS_CA_BUNDLE names '{file}', which can't be used: {why}. Give a PEM file of the authorities that vouch " +
        "for the store, or leave the variable out for those of the machine.", e);
}
