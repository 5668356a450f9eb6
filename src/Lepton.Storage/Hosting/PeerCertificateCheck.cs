using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lepton.Coordination.Hosting;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Whether the other nodes will let this one in, and believe that it is who it says: what they would find wrong with
/// its certificate is told when it starts, not by their refusals.
/// </summary>
internal static class PeerCertificateCheck
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>Checks a certificate.</summary>
    /// <param name="loaded">It, with those who may vouch for it.</param>
    /// <param name="files">Where it came from.</param>
    /// <param name="host">Where other nodes reach this one.</param>
    /// <param name="now">The time.</param>
    /// <param name="errors">Gets what is wrong.</param>
    public static void Run(
        LoadedCertificates loaded, CertificateFiles files, string host, DateTimeOffset now, List<string> errors)
    {
        if (!loaded.Certificate.MatchesHostname(host))
        {
            errors.Add($"--peer-cert-file '{files.CertFile}' is for another host than '{host}', where other nodes " +
                "reach this one. Issue one for it (subjectAltName), or correct --advertise-blocks.");
        }

        using X509Chain chain = new();
        chain.ChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.LocalDateTime,
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(loaded.Roots!);
        chain.ChainPolicy.ExtraStore.AddRange(loaded.Intermediates);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForServers));
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        if (!chain.Build(loaded.Certificate))
        {
            string why = string.Join(", ", chain.ChainStatus.Select(static status => status.Status).Distinct());
            errors.Add($"--peer-cert-file '{files.CertFile}' is not vouched for by --peer-trusted-ca-file " +
                $"'{files.TrustedCaFile}', for servers and clients ({why}), so that the other nodes would refuse " +
                "this one. Have that authority issue one, or name the authority that has.");
        }

        foreach (X509ChainElement element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }
    }
}
