using System.Net;
using Lepton.Coordination.Hosting;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Storage.Hosting;

/// <summary>Where a node listens, what it tells others of that, and by which certificates.</summary>
/// <param name="S3">Where S3 is served.</param>
/// <param name="S3Tls">Its certificate; null serves without encryption.</param>
/// <param name="Blocks">Where other nodes get and put blocks.</param>
/// <param name="AdvertisedBlocks">What they are told of that; null for where it listens, with the real port.</param>
/// <param name="PeerCertificates">What nodes show each other; null talks without encryption.</param>
internal sealed record NodeAddresses(
    IPEndPoint S3, RpcServerTlsOptions? S3Tls, IPEndPoint Blocks, Uri? AdvertisedBlocks,
    LoadedCertificates? PeerCertificates)
{
    private const string ListenFlag = "--listen";
    private const string ListenBlocksFlag = "--listen-blocks";
    private const string AdvertiseFlag = "--advertise-blocks";
    private const string PeerPrefix = "--peer-";
    private const string PeerFlags = "--peer-cert-file, --peer-key-file, --peer-trusted-ca-file";

    /// <summary>What other nodes are shown, where they call.</summary>
    public RpcServerTlsOptions? BlocksTls => PeerCertificates?.ToServer();

    /// <summary>What this node shows, where it calls others.</summary>
    public RpcTlsOptions? ToPeersTls => PeerCertificates?.ToClient();

    /// <summary>Reads the options, and the files that they name.</summary>
    /// <param name="options">The options.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The addresses; null where something is wrong.</returns>
    public static NodeAddresses? Resolve(StorageOptions options, List<string> errors)
    {
        int before = errors.Count;
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        Uri? s3 = ListenUrl(ListenFlag, options.Listen, errors);
        LoadedCertificates? s3Certificates = options.Certificates.Load("--", now, errors);
        if (s3 is not null)
        {
            CheckS3(options, s3, errors);
        }

        LoadedCertificates? peers = ReadPeers(options.PeerCertificates, now, errors);
        string text = options.ListenBlocks
            ?? $"http{(options.PeerCertificates.IsGiven ? "s" : "")}://127.0.0.1:0";
        Uri? blocks = ListenUrl(ListenBlocksFlag, text, errors);
        Uri? advertised = null;
        if (blocks is not null)
        {
            CheckBlocks(blocks, options.PeerCertificates.IsGiven, errors);
            advertised = Advertised(options.AdvertiseBlocks, blocks, errors);
        }

        if (peers is { Roots: not null } && blocks is not null)
        {
            PeerCertificateCheck.Run(
                peers, options.PeerCertificates, advertised?.DnsSafeHost ?? EndPoint(blocks)!.Address.ToString(), now,
                errors);
        }

        return errors.Count > before
            ? null
            : new NodeAddresses(
                EndPoint(s3!)!, s3Certificates?.ToServer(), EndPoint(blocks!)!, advertised, peers);
    }

    private static void CheckS3(StorageOptions options, Uri s3, List<string> errors)
    {
        bool isGiven = options.Certificates.IsGiven;
        if (isGiven && s3.Scheme == "http")
        {
            errors.Add($"--cert-file would protect nothing, as {ListenFlag} is '{options.Listen}'. Write it with " +
                "https, or leave the certificate out.");
        }
        else if (!isGiven && s3.Scheme == "https")
        {
            errors.Add(
                $"{ListenFlag}: '{options.Listen}' needs a certificate and its key (--cert-file, --key-file).");
        }

        if (s3.Scheme == "http" && !options.AllowsUnencrypted && !IPAddress.IsLoopback(EndPoint(s3)!.Address))
        {
            errors.Add(
                $"{ListenFlag}: '{options.Listen}' can be reached from other machines, and whoever listens on the " +
                "way reads the objects. Use https (--cert-file, --key-file), or listen on 127.0.0.1 behind a TLS " +
                "proxy; where the network itself is private, say so with --allow-unencrypted.");
        }
    }

    private static void CheckBlocks(Uri blocks, bool hasCertificates, List<string> errors)
    {
        if (hasCertificates && blocks.Scheme == "http")
        {
            errors.Add($"{PeerPrefix}cert-file would protect nothing, as {ListenBlocksFlag} is '{blocks}'. Write " +
                "it with https, or leave the certificates out.");
        }
        else if (!hasCertificates && blocks.Scheme == "https")
        {
            errors.Add($"{ListenBlocksFlag}: '{blocks}' needs certificates ({PeerFlags}).");
        }
        else if (blocks.Scheme == "http" && !IPAddress.IsLoopback(EndPoint(blocks)!.Address))
        {
            errors.Add($"{ListenBlocksFlag}: '{blocks}' can be reached from other machines, where blocks would " +
                "travel without encryption, and the token that lets nodes in with them. Use https and certificates " +
                $"({PeerFlags}), or listen on 127.0.0.1.");
        }
    }

    private static Uri? Advertised(string? given, Uri listened, List<string> errors)
    {
        if (given is null)
        {
            if (IsWildcard(listened.DnsSafeHost))
            {
                errors.Add($"{ListenBlocksFlag}: '{listened}' is every address of this machine, of which other nodes " +
                    $"must know one. Say which with {AdvertiseFlag}, such as {listened.Scheme}://10.0.0.1:7000.");
            }

            return null;
        }

        if (!Uri.TryCreate(given, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https")
            || url.PathAndQuery != "/" || url.UserInfo.Length > 0 || url.Port == 0 || IsWildcard(url.DnsSafeHost))
        {
            errors.Add($"{AdvertiseFlag}: '{given}' is no URL at which other nodes reach this one; expected scheme, " +
                $"host and port, such as {listened.Scheme}://10.0.0.1:7000.");
            return null;
        }

        if (url.Scheme != listened.Scheme)
        {
            errors.Add($"{AdvertiseFlag}: '{given}' begins with {url.Scheme}, and {ListenBlocksFlag} ('{listened}') " +
                $"with {listened.Scheme}. Write both alike.");
        }

        if (listened.Port == 0)
        {
            errors.Add($"{AdvertiseFlag}: '{given}' leads nowhere while {ListenBlocksFlag} ('{listened}') takes any " +
                "free port. Name the port there.");
        }

        return url;
    }

    private static LoadedCertificates? ReadPeers(CertificateFiles files, DateTimeOffset now, List<string> errors)
    {
        if (files.IsGiven && files.TrustedCaFile is null)
        {
            errors.Add($"{PeerPrefix}cert-file needs {PeerPrefix}trusted-ca-file, which says who vouches for the " +
                "other nodes.");
        }
        else if (!files.IsGiven && files.KeyFile is null && files.TrustedCaFile is not null)
        {
            errors.Add($"{PeerPrefix}trusted-ca-file is of no use without {PeerPrefix}cert-file and " +
                $"{PeerPrefix}key-file: nodes show each other certificates. Give all three or none.");
        }

        // Each node shows the others who it is, on either side.
        return (files with { AsksClients = files.TrustedCaFile is not null }).Load(PeerPrefix, now, errors);
    }

    private static bool IsWildcard(string host) => IPAddress.TryParse(host, out IPAddress? address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static Uri? ListenUrl(string flag, string text, List<string> errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https")
            || url.PathAndQuery is not "/" || url.UserInfo.Length > 0)
        {
            errors.Add($"{flag}: '{text}' is no URL to listen at; expected such as http://127.0.0.1:9000.");
            return null;
        }

        if (EndPoint(url) is null)
        {
            errors.Add($"{flag}: '{text}' names a host; give the address of this machine to listen at.");
            return null;
        }

        return url;
    }

    private static IPEndPoint? EndPoint(Uri url)
    {
        string host = url.DnsSafeHost;
        IPAddress? address = host == "localhost" ? IPAddress.Loopback : null;
        return address is not null || IPAddress.TryParse(host, out address) ? new IPEndPoint(address, url.Port) : null;
    }
}
