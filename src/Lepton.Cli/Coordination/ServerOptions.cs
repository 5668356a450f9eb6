using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Coordination.Client;

namespace Lepton.Cli.Coordination;

/// <summary>The options by which a command finds the coordination servers; the names are those of etcd's own
/// tools.</summary>
internal sealed class ServerOptions
{
    /// <summary>The environment variable for <c>--endpoints</c>.</summary>
    public const string EndpointsVariable = "LEPTON_ENDPOINTS";

    /// <summary>What the help of a command says of them.</summary>
    public const string HelpSection =
        """
        Servers: Lepton's own coordinators or an etcd cluster, whichever listens at --endpoints, else at what the
        environment variable LEPTON_ENDPOINTS names, else at http://127.0.0.1:2379. Name all members, with commas
        between them: where one fails, the next is asked.
        """;

    private readonly Option<string> _endpoints;

    private readonly Option<int> _timeout = Bounded.Number(
        "--timeout", "Seconds that a call to the servers may take,", 5, 1, 3600);

    private readonly Option<string> _ca = new("--cacert")
    {
        HelpName = "FILE",
        Description = "PEM file of the authorities that may vouch for the servers.",
    };

    private readonly Option<string> _certificate = new("--cert")
    {
        HelpName = "FILE",
        Description = "PEM file of this client's certificate.",
    };

    private readonly Option<string> _key = new("--key")
    {
        HelpName = "FILE",
        Description = "PEM file of that certificate's key.",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="name">What the option with the servers' addresses is called.</param>
    public ServerOptions(string name = "--endpoints") => _endpoints = new Option<string>(name)
    {
        HelpName = "URL,URL",
        Description = "The coordination servers.",
    };

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_endpoints);
        command.Options.Add(_timeout);
        command.Options.Add(_ca);
        command.Options.Add(_certificate);
        command.Options.Add(_key);
    }

    /// <summary>Makes the client that was asked for.</summary>
    /// <exception cref="UsageException">An option is wrong.</exception>
    public CoordinationClient Connect(ParseResult result)
    {
        (string? ca, string? certificate, string? key) =
            (result.GetValue(_ca), result.GetValue(_certificate), result.GetValue(_key));
        try
        {
            return new CoordinationClient(new CoordinationClientOptions
            {
                Endpoints = Endpoints(result.GetValue(_endpoints)),
                CallTimeout = TimeSpan.FromSeconds(result.GetValue(_timeout)),
                Tls = ca is null && certificate is null && key is null
                    ? null
                    : new CoordinationTlsOptions { CaFile = ca, CertificateFile = certificate, KeyFile = key },
            });
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private Uri[] Endpoints(string? given)
    {
        string source = given is null ? $"The environment variable {EndpointsVariable}" : _endpoints.Name;
        string? text = given ?? Environment.GetEnvironmentVariable(EndpointsVariable);
        if (given is null && string.IsNullOrEmpty(text))
        {
            return [CoordinationClientOptions.DefaultEndpoint];
        }

        return [.. text!.Split(',', StringSplitOptions.TrimEntries).Select(part => Endpoint(part, source))];
    }

    private static Uri Endpoint(string text, string source) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is ("http" or "https")
            ? endpoint
            : throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"{source} names '{text}'; expected scheme, host and port, such as " +
                $"{CoordinationClientOptions.DefaultEndpoint}, with commas between several."));
}
