using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>The option by which a command finds the object store. Keys come by the environment alone: what is on a
/// command line, everybody on the machine can read.</summary>
internal sealed class StoreOptions
{
    /// <summary>What the help of a command says of it.</summary>
    public const string HelpSection =
        """
        The store: the one at --endpoint, else at what AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names, else Amazon's.
        The key: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else the profile AWS_PROFILE, or "default", of
        AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials. lepton storage makes such a file in its data directory.
        """;

    private readonly Option<string?> _endpoint = new("--endpoint")
    {
        HelpName = "URL",
        Description = "The store, such as http://127.0.0.1:9000.",
    };

    /// <summary>Gives a command this option.</summary>
    public void AddTo(Command command) => command.Options.Add(_endpoint);

    /// <summary>Makes the client that was asked for; nothing is sent yet.</summary>
    /// <exception cref="UsageException">There is no such store, or no key for it.</exception>
    public ObjectClient Connect(ParseResult result)
    {
        try
        {
            return new ObjectClient(StoreAddress.FromEnvironment(result.GetValue(_endpoint)));
        }
        catch (ObjectException e)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
