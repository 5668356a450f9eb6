using System.CommandLine;
using System.Globalization;
using System.Net;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Rpc.Server;
using Lepton.Torch;
using Lepton.Training.ParameterServer;
using Lepton.Training.ParameterServer.Launching;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton parameter-server</c>: serves a share of a model's values to the workers of a training.</summary>
internal static class ParameterServerCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "parameter-server";

    private const string Examples =
        """
        Examples:
          export LEPTON_PARAMETER_TOKEN=$(openssl rand -hex 32)
          lepton parameter-server --listen 10.0.0.1:7500 --backup
          lepton parameter-server --listen 10.0.0.2:7500 --peer http://10.0.0.1:7500

        On one machine, lepton train PROJECT --servers N starts them. Here a server and its backup are started by
        hand, and workers with RANK, WORLD_SIZE, the token and
        LEPTON_PARAMETER_SERVERS=http://10.0.0.1:7500,http://10.0.0.2:7500 (a semicolon before the next server). A copy
        that died is started again with the other one as its peer and --restarted. It serves one training, until
        Ctrl-C or SIGTERM.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<string> listen = new(ServerArguments.Listen)
        {
            HelpName = "ADDRESS:PORT",
            Description = "Where to listen; port 0 takes a free one.",
            DefaultValueFactory = static _ => "127.0.0.1:0",
        };
        Option<string?> peer = new(ServerArguments.Peer)
        {
            HelpName = "URL",
            Description = "The other copy, whose backup this one is.",
        };
        Option<bool> backup = new(ServerArguments.Backup)
        {
            Description = "Acknowledge nothing before a backup has it.",
        };
        Option<bool> restarted = new(ServerArguments.Restarted)
        {
            Description = "Take the place of a copy that died.",
        };
        Option<string> lease = new(ServerArguments.WorkerLease)
        {
            HelpName = "SECONDS",
            Description = "How long a worker may be silent before the others go on without it.",
            DefaultValueFactory = static _ => "10",
        };
        Option<bool> input = new(ServerArguments.UntilInputEnds)
        {
            Description = "End with standard input too.",
        };
        var command = new Command(Name, "Serves a share of a model's values to the workers of a training.")
        {
            listen, peer, backup, restarted, lease, input,
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            var settings = new ParameterServerSettings
            {
                EndPoint = EndPointOf(result.GetRequiredValue(listen)),
                Token = TokenOf(Environment.GetEnvironmentVariable(ParameterClientOptions.TokenVariable)),
                Peer = result.GetValue(peer) is { } address ? PeerOf(address) : null,
                HasBackup = result.GetValue(backup),
                IsRestarted = result.GetValue(restarted),
                WorkerLease = LeaseOf(result.GetRequiredValue(lease)),
            };
            return await RunAsync(settings, result.GetValue(input), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ParameterServerSettings settings, bool untilInputEnds, CancellationToken cancellation)
    {
        try
        {
            await ParameterServerHost.RunAsync(settings, untilInputEnds, cancellation).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (RpcBindException e)
        {
            throw new UsageException(e.Message, e, ExitCodes.PortInUse);
        }
        catch (TorchLibraryException e)
        {
            throw new UsageException(e.Message, e, ExitCodes.MissingFile);
        }
        catch (ParameterServerException e)
        {
            throw new UsageException(e.Message, e, ExitCodes.Failed);
        }
    }

    private static IPEndPoint EndPointOf(string text) => IPEndPoint.TryParse(text, out IPEndPoint? endPoint)
        ? endPoint
        : throw new UsageException(
            $"{ServerArguments.Listen} is '{text}'; expected an address and a port, such as 127.0.0.1:7500.");

    private static Uri PeerOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http"
            ? address
            : throw new UsageException(
                $"{ServerArguments.Peer} is '{text}'; expected an address such as http://127.0.0.1:7500.");

    private static string TokenOf(string? token) => token is { Length: >= 16 }
        ? token
        : throw new UsageException(
            $"{ParameterClientOptions.TokenVariable} must hold the secret that workers show, 16 characters or more. " +
            "Make one: openssl rand -hex 32.");

    private static TimeSpan LeaseOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            && seconds is >= 0.5 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException(
                $"{ServerArguments.WorkerLease} is '{text}'; expected seconds from 0.5 to 3600, such as 10.");
}
