using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lepton.Coordination.Hosting;

/// <summary>The PEM files by which one side of a node shows who it is, and whom it lets in.</summary>
/// <param name="CertFile">The certificate, with those between it and its root; null serves without encryption.</param>
/// <param name="KeyFile">Its private key.</param>
/// <param name="TrustedCaFile">The authorities that may vouch for callers, and for peers that are called.</param>
/// <param name="AsksClients">Whether callers must show a certificate of those authorities.</param>
public sealed record CertificateFiles(string? CertFile, string? KeyFile, string? TrustedCaFile, bool AsksClients)
{
    /// <summary>No files: no encryption.</summary>
    public static CertificateFiles None { get; } = new(null, null, null, false);

    /// <summary>Whether there is a certificate.</summary>
    public bool IsGiven => CertFile is not null;

    /// <summary>Reads the files.</summary>
    /// <param name="flagPrefix">What the flags begin with: <c>--</c> or <c>--peer-</c>.</param>
    /// <param name="now">Certificates that are over, or not yet valid, are refused.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>What they held; null where there is no certificate, or something is wrong.</returns>
    public LoadedCertificates? Load(string flagPrefix, DateTimeOffset now, ICollection<string> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        int before = errors.Count;
        if (CertFile is null != KeyFile is null)
        {
            errors.Add($"{flagPrefix}cert-file and {flagPrefix}key-file belong together; give both or neither.");
        }

        if (AsksClients && TrustedCaFile is null)
        {
            errors.Add(
                $"{flagPrefix}client-cert-auth needs {flagPrefix}trusted-ca-file, which says who vouches for them.");
        }

        X509Certificate2Collection? roots = TrustedCaFile is null
            ? null
            : Read($"{flagPrefix}trusted-ca-file", TrustedCaFile, errors, ReadAll);
        if (CertFile is null || KeyFile is null)
        {
            return null;
        }

        X509Certificate2? certificate = Read(
            $"{flagPrefix}cert-file with {flagPrefix}key-file '{KeyFile}'", CertFile, errors,
            path => X509Certificate2.CreateFromPemFile(path, KeyFile));
        if (certificate is not null && (certificate.NotAfter < now || certificate.NotBefore > now))
        {
            errors.Add($"{flagPrefix}cert-file '{CertFile}' is valid from {certificate.NotBefore:u} to " +
                $"{certificate.NotAfter:u}, not now; issue a new one.");
        }

        if (errors.Count > before)
        {
            return null;
        }

        X509Certificate2Collection chain = ReadAll(CertFile);
        chain.RemoveAt(0);
        return new LoadedCertificates(certificate!, chain, roots, AsksClients);
    }

    private static X509Certificate2Collection ReadAll(string path)
    {
        X509Certificate2Collection read = [];
        read.ImportFromPemFile(path);
        return read.Count > 0 ? read : throw new CryptographicException("it holds no certificate");
    }

    private static T? Read<T>(string flag, string path, ICollection<string> errors, Func<string, T> read)
        where T : class
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException)
        {
            // The last of them where a key is not that of the certificate.
            errors.Add($"{flag} '{path}': {e.Message.TrimEnd('.')}; expected PEM.");
            return null;
        }
    }
}
