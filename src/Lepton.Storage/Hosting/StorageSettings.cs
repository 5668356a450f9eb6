using System.Net;

namespace Lepton.Storage.Hosting;

/// <summary>Checks a node's options.</summary>
internal static class StorageSettings
{
    private const int BlockBytesMin = 4 * 1024;
    private const int BlockBytesMax = 64 * 1024 * 1024;
    private const double WeightMax = 1_000_000;
    private const int CopiesMax = 7;

    /// <summary>Checks them all.</summary>
    /// <returns>Where to listen, for S3 and for other nodes.</returns>
    /// <exception cref="ArgumentException">Some are wrong; the message lists all that are.</exception>
    public static (IPEndPoint S3, IPEndPoint Blocks) Validate(StorageOptions options)
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

        if (options.CacheMemoryBytes < 0 || options.CacheDiskBytes < 0)
        {
            errors.Add("--cache-memory and --cache-disk must be above 0, or 0 for none.");
        }

        if (options.UpkeepPeriod < TimeSpan.Zero)
        {
            errors.Add($"The upkeep's period is {options.UpkeepPeriod}; it must be above 0, or 0 for never.");
        }

        errors.AddRange(options.Domains
            .Where(static domain => Uri.CheckHostName(domain) != UriHostNameType.Dns)
            .Select(static domain => $"--domain: '{domain}' is no host name; expected such as s3.example.com."));
        if (options.Weight is { } weight && weight is not (> 0 and <= WeightMax))
        {
            errors.Add($"--weight: {weight} must be above 0, and {WeightMax} at most.");
        }

        if (options.Copies is < 1 or > CopiesMax)
        {
            errors.Add($"--copies: {options.Copies} must be from 1 to {CopiesMax}.");
        }

        if (options.Zone is { } zone && (zone.Length > 63 || zone.Any(char.IsControl)))
        {
            errors.Add("--zone: it has more than 63 characters, or control characters.");
        }

        if (options.LeaseTime < TimeSpan.FromSeconds(1) || options.LeaseTime.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            errors.Add($"The lease's time is {options.LeaseTime}; it must be whole seconds, 1 at least.");
        }

        CheckRepair(options, errors);
        IPEndPoint? s3 = EndPoint("--listen", options.Listen, errors);
        IPEndPoint? blocks = EndPoint("--listen-blocks", options.ListenBlocks, errors);
        if (blocks is not null && !IPAddress.IsLoopback(blocks.Address))
        {
            errors.Add($"--listen-blocks: '{options.ListenBlocks}' can be reached from other machines, and blocks " +
                "travel without encryption in this version. Give an address of loopback, and a tunnel between " +
                "machines.");
        }

        return errors.Count == 0
            ? (s3!, blocks!)
            : throw new ArgumentException("The storage node can't start: " + string.Join(' ', errors));
    }

    private static void CheckRepair(StorageOptions options, List<string> errors)
    {
        if (options.RepairAfter <= TimeSpan.Zero || options.RepairPeriod < TimeSpan.Zero)
        {
            errors.Add("--repair-after, and the period of repair: they must be above 0.");
        }

        if (options.RepairBytesPerSecond <= 0)
        {
            errors.Add($"--repair-rate: {options.RepairBytesPerSecond} bytes a second must be above 0.");
        }

        if (options.ScrubWithin != TimeSpan.Zero && options.ScrubWithin < TimeSpan.FromSeconds(1))
        {
            errors.Add($"--scrub-within: {options.ScrubWithin} must be one second at least.");
        }
    }

    private static IPEndPoint? EndPoint(string flag, string text, List<string> errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme != "http" || url.PathAndQuery is not "/")
        {
            errors.Add($"{flag}: '{text}' is no URL to listen at; expected such as http://127.0.0.1:9000. For " +
                "https, " +
                "put a TLS proxy before it.");
            return null;
        }

        string host = url.Host.Trim('[', ']');
        IPAddress? address = host == "localhost" ? IPAddress.Loopback : null;
        if (address is null && !IPAddress.TryParse(host, out address))
        {
            errors.Add($"{flag}: '{text}' names a host; give the address of this machine to listen at.");
            return null;
        }

        return new IPEndPoint(address, url.Port);
    }
}
