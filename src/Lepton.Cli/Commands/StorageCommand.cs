using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Cli.Storage;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Lepton.Storage.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton storage</c>: runs a node of the object store, and makes its access keys.</summary>
internal static class StorageCommand
{
    private const string Examples =
        """
        Examples:
          lepton coordinator
          lepton storage --data-dir objects
              objects behind S3 at http://127.0.0.1:9000, their metadata in the coordinator
          export AWS_SHARED_CREDENTIALS_FILE=objects/credentials AWS_DEFAULT_REGION=us-east-1
          aws --endpoint-url http://127.0.0.1:9000 s3 mb s3://data
              the first start makes an access key that may do everything, in AWS's format
          lepton storage key add --data-dir objects --bucket data --read-only
              another one, for less

          lepton storage --name s2 --data-dir s2 --listen http://127.0.0.1:9001 --secret-key objects/secret.key
              a second node, which has the first one's key: each block lies on both then

        Runs until Ctrl-C or SIGTERM.
        """;

    private static readonly StorageOptions Defaults =
        new() { Name = "storage", DataDir = "storage.lepton", Coordination = null! };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<string> name = new("--name")
        {
            HelpName = "NAME",
            Description = "The node's name.",
            DefaultValueFactory = static _ => Defaults.Name,
        };
        Option<string> dataDir = DataDir();
        Option<string> listen = new("--listen")
        {
            HelpName = "URL",
            Description = "Where S3 is served.",
            DefaultValueFactory = static _ => Defaults.Listen,
        };
        Option<string[]> domains = new("--domain")
        {
            HelpName = "HOST",
            Description = "A host whose subdomains are buckets; may be given again. Otherwise localhost.",
        };
        NodeFlags flags = new();
        ServerOptions coordination = new("--coordination");
        var command = new Command("storage", "Runs a node of the object store: buckets and objects behind S3's " +
            "protocol.")
        {
            name, dataDir, listen, domains, Key(), ClusterKeyCommands.Create(DataDir),
        };
        flags.AddTo(command);
        foreach (Command nodes in NodeCommands.Create(DataDir))
        {
            command.Subcommands.Add(nodes);
        }

        coordination.AddTo(command);
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = coordination.Connect(result);
            using ILoggerFactory logs = LoggerFactory.Create(static logging => logging
                .SetMinimumLevel(LogLevel.Information)
                .AddFilter("Microsoft", LogLevel.Error)
                .AddProvider(new ConsoleLines(TimeProvider.System)));
            return await RunAsync(
                flags.Read(result, new StorageOptions
                {
                    Name = result.GetRequiredValue(name),
                    DataDir = result.GetRequiredValue(dataDir),
                    Listen = result.GetRequiredValue(listen),
                    Domains = result.GetValue(domains) is { Length: > 0 } given ? given : Defaults.Domains,
                    Coordination = client,
                    LoggerFactory = logs,
                }),
                cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(StorageOptions options, CancellationToken cancellation)
    {
        StorageNode node;
        try
        {
            node = await StorageNode.StartAsync(options, cancellation).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        await using (node.ConfigureAwait(false))
        {
            TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration stopped = cancellation.Register(() => stop.TrySetResult());
            Task first = await Task.WhenAny(stop.Task, node.Completion).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }

        return ExitCodes.Ok;
    }

    private static Command Key()
    {
        var command = new Command("key", "Makes, lists and removes access keys.") { Add(), List(), Remove() };
        command.AppendHelp(HelpText.ExitCodesText);
        command.SetAction(HelpText.Print);
        return command;
    }

    private static Command Add()
    {
        Option<string[]> buckets = new("--bucket")
        {
            HelpName = "BUCKET",
            Description = "A bucket that the key is for; may be given again. Otherwise all.",
        };
        Option<bool> readOnly = new("--read-only") { Description = "The key may change nothing." };
        return WithKeys("add", "Makes an access key, and prints its id and its secret.", [buckets, readOnly],
            async (keys, result, cancellation) =>
            {
                (string id, string secret) = await keys.AddAsync(
                    result.GetValue(buckets) ?? [], !result.GetValue(readOnly), cancellation).ConfigureAwait(false);
                Console.Out.WriteLine($"{id}\t{secret}");
                return ExitCodes.Ok;
            });
    }

    private static Command List() => WithKeys(
        "list", "Prints each access key: id, read or write, buckets.", [], async (keys, _, cancellation) =>
        {
            foreach ((string id, IReadOnlyList<string> buckets, bool mayWrite) in
                await keys.ListAsync(cancellation).ConfigureAwait(false))
            {
                string which = buckets.Count == 0 ? "*" : string.Join(',', buckets);
                Console.Out.WriteLine($"{id}\t{(mayWrite ? "write" : "read")}\t{which}");
            }

            return ExitCodes.Ok;
        });

    private static Command Remove()
    {
        Argument<string> id = new("ID") { Description = "The access key." };
        Command command = WithKeys(
            "rm", "Removes an access key. It is refused ten seconds later at the latest.", [],
            async (keys, result, cancellation) =>
            {
                string wanted = result.GetRequiredValue(id);
                return await keys.RemoveAsync(wanted, cancellation).ConfigureAwait(false)
                    ? ExitCodes.Ok
                    : throw new UsageException(
                        $"There is no access key '{wanted}'. lepton storage key list prints those that there are.",
                        exitCode: CoordinationExitCodes.NoSuchKey);
            });
        command.Arguments.Add(id);
        return command;
    }

    private static Command WithKeys(
        string name, string description, Option[] options,
        Func<StorageKeys, ParseResult, CancellationToken, Task<int>> action)
    {
        Option<string> dataDir = DataDir();
        ServerOptions coordination = new("--coordination");
        var command = new Command(name, description) { dataDir };
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        coordination.AddTo(command);
        command.AppendHelp(HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = coordination.Connect(result);
            StorageKeys keys = new(client, result.GetRequiredValue(dataDir));
            return await action(keys, result, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Option<string> DataDir() => new("--data-dir")
    {
        HelpName = "DIR",
        Description = "Where the node's data lies.",
        DefaultValueFactory = static _ => Defaults.DataDir,
    };
}
