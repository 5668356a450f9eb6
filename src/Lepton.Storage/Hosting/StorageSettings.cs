using System.Net;

namespace Lepton.Storage.Hosting;

/// <summary>Checks a node's options.</summary>
internal static class StorageSettings
{
    private const int BlockBytesMin = 4 * 1024;
    private const int BlockBytesMax = 64 * 1024 * 1024;

    /// <summary>Checks them all.</summary>
    /// <returns>Where to listen.</returns>
    /// <exception cref="ArgumentException">Some are wrong; the message lists all that are.</exception>
    public static IPEndPoint Validate(StorageOptions options)
    {
        List<string> errors = [];
        if (options.Name.Length is 0 or > 63
            || !options.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        {
            errors.Add($"--name: '{options.Name}' is no name; expected 1 to 63 letters, digits, dots and hyphens.");
        }

        if (options.DataDir.Length == 0)
        {
            errors.Add("--data-dir is empty; name a directory.");
        }

        if (options.BlockBytes is < BlockBytesMin or > BlockBytesMax)
        {
            errors.Add($"--block-bytes: {options.BlockBytes} must be from {BlockBytesMin} to {BlockBytesMax}.");
        }

        if (options.UpkeepPeriod < TimeSpan.Zero)
        {
            errors.Add($"The upkeep's period is {options.UpkeepPeriod}; it must be above 0, or 0 for never.");
        }

        errors.AddRange(options.Domains
            .Where(static domain => Uri.CheckHostName(domain) != UriHostNameType.Dns)
            .Select(static domain => $"--domain: '{domain}' is no host name; expected such as s3.example.com."));
        IPEndPoint? endPoint = EndPoint(options.Listen, errors);
        return errors.Count == 0
            ? endPoint!
            : throw new ArgumentException("The storage node can't start: " + string.Join(' ', errors));
    }

    private static IPEndPoint? EndPoint(string text, List<string> errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme != "http" || url.PathAndQuery is not "/")
        {
            errors.Add($"--listen: '{text}' is no URL to listen at; expected such as http://127.0.0.1:9000. For " +
                "https, " +
                "put a TLS proxy before it.");
            return null;
        }

        string host = url.Host.Trim('[', ']');
        IPAddress? address = host == "localhost" ? IPAddress.Loopback : null;
        if (address is null && !IPAddress.TryParse(host, out address))
        {
            errors.Add($"--listen: '{text}' names a host; give the address of this machine to listen at.");
            return null;
        }

        return new IPEndPoint(address, url.Port);
    }
}
