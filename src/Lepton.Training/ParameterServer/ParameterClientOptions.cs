using System.Globalization;

namespace Lepton.Training.ParameterServer;

/// <summary>A worker's place, and where its servers are. Checked when a client is made.</summary>
public sealed record ParameterClientOptions
{
    /// <summary>The environment variable with the servers: <c>;</c> between servers, <c>,</c> between copies.</summary>
    public const string ServersVariable = "LEPTON_PARAMETER_SERVERS";

    /// <summary>The environment variable with the secret.</summary>
    public const string TokenVariable = "LEPTON_PARAMETER_TOKEN";

    /// <summary>This worker, from 0.</summary>
    public int Worker { get; init; }

    /// <summary>How many workers there are, 1 or more.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Each server's copies: the primary and, where there is one, its backup.</summary>
    public required IReadOnlyList<IReadOnlyList<Uri>> Servers { get; init; }

    /// <summary>The servers' secret.</summary>
    public required string Token { get; init; }

    /// <summary>How often it says that it lives; 1 s by default, well below the servers' lease.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it looks for a server that is gone, or for its backup; 60 s by default.</summary>
    public TimeSpan FailoverTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What <c>lepton train PROJECT --servers N</c> tells a worker by environment variables.</summary>
    /// <exception cref="ArgumentException">Variables are missing or wrong; the message has all of them.</exception>
    public static ParameterClientOptions FromEnvironment() => Read(Environment.GetEnvironmentVariable);

    internal static ParameterClientOptions Read(Func<string, string?> variable)
    {
        var faults = new List<string>();
        int workers = Number("WORLD_SIZE", 1, 1_000_000);
        int worker = Number("RANK", 0, workers - 1);
        string servers = Text(ServersVariable);
        string token = Text(TokenVariable);
        var copies = new List<IReadOnlyList<Uri>>();
        foreach (string server in servers.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var addresses = new List<Uri>();
            foreach (string text in server.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (Uri.TryCreate(text, UriKind.Absolute, out Uri? address))
                {
                    addresses.Add(address);
                }
                else
                {
                    faults.Add($"{ServersVariable} has '{text}', not an address such as http://127.0.0.1:7500");
                }
            }

            copies.Add(addresses);
        }

        return faults.Count == 0
            ? new ParameterClientOptions { Worker = worker, Workers = workers, Servers = copies, Token = token }
            : throw new ArgumentException(
                $"The environment of a worker is not as a launcher makes it: {string.Join("; ", faults)}. Start the " +
                "program with lepton train PROJECT --servers 2 --nproc-per-node 3.");

        string Text(string name)
        {
            if (variable(name) is { Length: > 0 } text)
            {
                return text;
            }

            faults.Add($"{name} is missing");
            return "";
        }

        int Number(string name, int min, int max)
        {
            if (int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= min && number <= max)
            {
                return number;
            }

            faults.Add($"{name} is '{variable(name)}', not a number from {min} to {max}");
            return min;
        }
    }

    internal void Validate()
    {
        List<string> faults = [];
        if (Workers < 1 || Worker < 0 || Worker >= Workers)
        {
            faults.Add($"worker {Worker} of {Workers} is none; they count from 0");
        }

        if (Servers.Count == 0 || Servers.Any(static copies => copies.Count is 0 or > 2))
        {
            faults.Add($"{nameof(Servers)} must have one server or more, each with one address or two");
        }

        if (BeatInterval <= TimeSpan.Zero || FailoverTimeMax <= TimeSpan.Zero)
        {
            faults.Add($"{nameof(BeatInterval)} and {nameof(FailoverTimeMax)} must be above 0");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(ParameterClientOptions)}: {string.Join("; ", faults)}.");
        }
    }
}
