using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Coordination.Client;
using Lepton.Training.Launch;

namespace Lepton.Cli.Commands;

/// <summary>The options by which launchers on several machines meet; names and meanings are those of
/// torchrun's.</summary>
internal sealed class RendezvousFlags
{
    private readonly Option<string> _nodes = new("--nnodes")
    {
        HelpName = "N|MIN:MAX",
        Description = "Machines, on each of which lepton train is started.",
        DefaultValueFactory = static _ => "1",
    };

    private readonly Option<string> _endpoint = new("--rdzv-endpoint")
    {
        HelpName = "HOST:PORT,…",
        Description = "The coordination store at which several machines meet: lepton coordinator, or etcd.",
    };

    private readonly Option<string> _id = new("--rdzv-id")
    {
        HelpName = "NAME",
        Description = "The training's name, the same on all of its machines.",
        DefaultValueFactory = static _ => "none",
    };

    private readonly Option<string> _ca = File(
        "--rdzv-cacert", "PEM file of the authorities that may vouch for the store's servers.");

    private readonly Option<string> _certificate = File(
        "--rdzv-cert", "PEM file of the certificate that this machine shows the store.");

    private readonly Option<string> _key = File("--rdzv-key", "PEM file of that certificate's key.");

    private readonly Option<string> _address = new("--local-addr")
    {
        HelpName = "ADDRESS",
        Description = "Where the other machines reach this one; what it reaches the store from otherwise.",
    };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_nodes);
        command.Options.Add(_endpoint);
        command.Options.Add(_id);
        command.Options.Add(_ca);
        command.Options.Add(_certificate);
        command.Options.Add(_key);
        command.Options.Add(_address);
    }

    /// <summary>How launchers meet; null where this one trains alone.</summary>
    /// <exception cref="UsageException">An option is wrong; the message has all that are.</exception>
    public RendezvousOptions? Read(ParseResult result, bool isStandalone)
    {
        List<string> faults = [];
        (int min, int max) = Bounds(result.GetRequiredValue(_nodes), faults);
        string? endpoint = result.GetValue(_endpoint);
        CoordinationTlsOptions? tls = Tls(result);
        Uri[] endpoints = [.. (endpoint ?? "").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => Endpoint(part, tls is not null, faults)).OfType<Uri>()];
        if (isStandalone && (max > 1 || endpoint is not null))
        {
            faults.Add("--standalone is for one machine; leave it out, or --nnodes and --rdzv-endpoint");
        }
        else if (max > 1 && endpoints.Length == 0 && faults.Count == 0)
        {
            faults.Add(
                $"--nnodes is '{result.GetValue(_nodes)}', but --rdzv-endpoint names no coordination store to meet " +
                "at; start one with lepton coordinator, and give its HOST:PORT");
        }

        if (tls is not null && endpoint is null)
        {
            faults.Add("--rdzv-cacert, --rdzv-cert and --rdzv-key are for a store; give --rdzv-endpoint too");
        }

        string id = result.GetRequiredValue(_id);
        if (id.Length == 0 || id.Contains('/', StringComparison.Ordinal))
        {
            faults.Add($"--rdzv-id is '{id}'; it must not be empty, nor hold a '/'");
        }

        if (faults.Count > 0)
        {
            throw new UsageException(string.Join("; ", faults) + ".");
        }

        if (endpoints.Length == 0)
        {
            return null;
        }

        RequireClient(endpoints, tls);
        return new RendezvousOptions
        {
            Endpoints = endpoints, Tls = tls, Id = id, NodesMin = min, NodesMax = max,
            LocalAddress = result.GetValue(_address),
        };
    }

    private static Option<string> File(string name, string description) =>
        new(name) { HelpName = "FILE", Description = description };

    /// <summary>Finds now what is wrong with certificates, before anything is built or started.</summary>
    private static void RequireClient(Uri[] endpoints, CoordinationTlsOptions? tls)
    {
        try
        {
            new CoordinationClient(new CoordinationClientOptions { Endpoints = endpoints, Tls = tls }).Dispose();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private CoordinationTlsOptions? Tls(ParseResult result)
    {
        (string? ca, string? certificate, string? key) =
            (result.GetValue(_ca), result.GetValue(_certificate), result.GetValue(_key));
        return ca is null && certificate is null && key is null
            ? null
            : new CoordinationTlsOptions { CaFile = ca, CertificateFile = certificate, KeyFile = key };
    }

    private static (int Min, int Max) Bounds(string nodes, List<string> faults)
    {
        int[] bounds = [.. nodes.Split(':').Select(static bound =>
            int.TryParse(bound, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0)];
        if (bounds.Length is 1 or 2 && bounds[0] >= 1 && bounds[^1] >= bounds[0])
        {
            return (bounds[0], bounds[^1]);
        }

        faults.Add($"--nnodes is '{nodes}'; expected a number from 1, or MIN:MAX with MIN not above MAX");
        return (1, 1);
    }

    private static Uri? Endpoint(string text, bool isSecret, List<string> faults)
    {
        string url = text.Contains("://", StringComparison.Ordinal) ? text : $"http{(isSecret ? "s" : "")}://{text}";
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is ("http" or "https")
            && endpoint is { AbsolutePath: "/", Query: "" })
        {
            return endpoint;
        }

        faults.Add($"--rdzv-endpoint names '{text}'; expected HOST:PORT, with commas between several");
        return null;
    }
}
