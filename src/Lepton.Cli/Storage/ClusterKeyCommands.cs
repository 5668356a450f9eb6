using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Lepton.Storage.Hosting;

namespace Lepton.Cli.Storage;

/// <summary><c>lepton storage cluster-key</c>: the keys behind encryption at rest.</summary>
internal static class ClusterKeyCommands
{
    private const string About =
        """
        Each encrypted object has a data key of its own, which lies beside its record, wrapped with the current
        cluster key. Cluster keys lie in the coordination store, encrypted with the nodes' secret.key: back it up.

        Examples:
          aws --endpoint-url http://127.0.0.1:9000 s3api put-bucket-encryption --bucket data \
            --server-side-encryption-configuration \
            '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'
              from now on, new objects of this bucket are encrypted
          lepton storage cluster-key rotate --data-dir objects
              what is new is wrapped with a new key, and behind the back all data keys that are there
          lepton storage cluster-key list --data-dir objects
              once it calls the old key unused, it can go
          lepton storage cluster-key drop 0123456789abcdef --data-dir objects
        """;

    /// <summary>Makes the command.</summary>
    /// <param name="newDataDir">Makes the option that names a node's data directory.</param>
    public static Command Create(Func<Option<string>> newDataDir)
    {
        var command = new Command("cluster-key", "Lists, replaces and drops the keys behind encryption at rest.")
        {
            List(newDataDir()), Rotate(newDataDir()), Drop(newDataDir()),
        };
        command.AppendHelp(About, HelpText.ExitCodesText);
        command.SetAction(HelpText.Print);
        return command;
    }

    private static Command List(Option<string> dataDir) => New(
        "list", "Prints each cluster key: id, current, replaced or unused, when it was made.", dataDir,
        async (keys, _, cancellation) =>
        {
            foreach (StorageClusterKey key in await keys.ListAsync(cancellation).ConfigureAwait(false))
            {
                string made = key.Made.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                Console.Out.WriteLine($"{key.Id}\t{key.State}\t{made}");
            }
        });

    private static Command Rotate(Option<string> dataDir) => New(
        "rotate", "Makes a new current cluster key, and prints its id. Nodes then wrap all data keys with it.", dataDir,
        async (keys, _, cancellation) =>
            Console.Out.WriteLine(await keys.RotateAsync(cancellation).ConfigureAwait(false)));

    private static Command Drop(Option<string> dataDir)
    {
        Argument<string> id = new("ID") { Description = "The cluster key." };
        Command command = New(
            "drop", "Deletes a cluster key that nothing needs any more.", dataDir,
            (keys, result, cancellation) => keys.DropAsync(result.GetRequiredValue(id), cancellation));
        command.Arguments.Add(id);
        return command;
    }

    private static Command New(
        string name, string description, Option<string> dataDir,
        Func<StorageEncryption, ParseResult, CancellationToken, Task> action)
    {
        ServerOptions coordination = new("--coordination");
        var command = new Command(name, description) { dataDir };
        coordination.AddTo(command);
        command.AppendHelp(HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = coordination.Connect(result);
            StorageEncryption keys = new(client, result.GetRequiredValue(dataDir));
            await action(keys, result, cancellation).ConfigureAwait(false);
            return ExitCodes.Ok;
        });
        return command;
    }
}
