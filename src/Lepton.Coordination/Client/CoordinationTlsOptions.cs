using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Client;

/// <summary>The files of a client's certificates, all PEM; the names are those of etcd's tools.</summary>
public sealed record CoordinationTlsOptions
{
    /// <summary>The authorities that may vouch for the servers; null trusts the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client's certificate; null shows none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of <see cref="CertificateFile"/>; needed with it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The name that the servers' certificates must be for; null is each address's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="ArgumentException">A file is missing, or is not what it should be; the message lists
    /// all.</exception>
    internal RpcTlsOptions Load()
    {
        List<string> errors = [];
        X509Certificate2Collection? roots = CaFile is null ? null : Read(nameof(CaFile), CaFile, () =>
        {
            X509Certificate2Collection read = [];
            read.ImportFromPemFile(CaFile);
            return read.Count > 0 ? read : throw new CryptographicException("it holds no certificate");
        });
        if (CertificateFile is null != KeyFile is null)
        {
            errors.Add($"{nameof(CertificateFile)} and {nameof(KeyFile)} belong together; give both or neither.");
        }

        X509Certificate2? certificate = CertificateFile is null || KeyFile is null
            ? null
            : Read(
                $"{nameof(CertificateFile)} with {nameof(KeyFile)} '{KeyFile}'", CertificateFile,
                () => X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile));
        if (errors.Count > 0)
        {
            throw new ArgumentException("The client's certificates can't be used: " + string.Join(' ', errors));
        }

        return new RpcTlsOptions { TrustedRoots = roots, ClientCertificate = certificate, ServerName = ServerName };

        T? Read<T>(string name, string path, Func<T> read)
            where T : class
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                errors.Add($"{name} '{path}': {e.Message.TrimEnd('.')}; expected PEM.");
                return null;
            }
        }
    }
}
