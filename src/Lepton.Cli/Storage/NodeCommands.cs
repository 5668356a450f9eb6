using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Lepton.Storage.Hosting;

namespace Lepton.Cli.Storage;

/// <summary><c>lepton storage status</c>, <c>drain</c> and <c>remove</c>: which nodes a store has.</summary>
internal static class NodeCommands
{
    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Makes the commands.</summary>
    /// <param name="newDataDir">Makes the option that names a node's data directory.</param>
    public static IEnumerable<Command> Create(Func<Option<string>> newDataDir) =>
        [Status(newDataDir()), Drain(), Remove()];

    private static Command Status(Option<string> dataDir)
    {
        Option<bool> json = new("--json") { Description = "One line of JSON for each node." };
        return New(
            "status", "Prints each node: zone, state, blocks, bytes, free space, copies missing, repair, scrub.",
            [dataDir, json],
            async (cluster, result, cancellation) =>
            {
                (int copies, IReadOnlyList<StorageNodeStatus> nodes) = await cluster.StatusAsync(
                    result.GetRequiredValue(dataDir), cancellation).ConfigureAwait(false);
                if (result.GetValue(json))
                {
                    foreach (StorageNodeStatus node in nodes)
                    {
                        Console.Out.WriteLine(JsonSerializer.Serialize(node, s_json));
                    }
                }
                else
                {
                    Print(copies, nodes);
                }
            });
    }

    private static void Print(int copies, IReadOnlyList<StorageNodeStatus> nodes)
    {
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Min(copies, nodes.Count)} copies of each block on {nodes.Count} nodes"));
        Console.Out.WriteLine(
            "name\tzone\tweight\tstate\tblocks\tto keep\tbytes\tstored\tfree\tmissing\trepair\tscrub");
        foreach (StorageNodeStatus node in nodes)
        {
            string repair = node switch
            {
                { IsBraked: true } => "waits: too many nodes vanished at once",
                { RepairShare: < 1 } => string.Create(
                    CultureInfo.InvariantCulture, $"{node.RepairShare:P0}, {node.RepairSecondsLeft:F0} s left"),
                { RepairShare: not null } => "done",
                _ => "-",
            };
            string zone = node.Zone.Length == 0 ? "-" : node.Zone;
            string weight = node.Weight.ToString(CultureInfo.InvariantCulture);
            Console.Out.WriteLine(string.Join(
                '\t', node.Name, zone, weight, node.State, Text(node.Blocks), Text(node.BlocksToKeep),
                Text(node.PlainBytes), Text(node.StoredBytes), Share(node), Text(node.CopiesMissing), repair,
                Scrub(node)));
        }

        foreach (StorageNodeStatus node in nodes.Where(static node => node.ObjectsLost > 0))
        {
            string more = node.ObjectsLost > node.ObjectsLostNames!.Count ? ", and more" : "";
            Console.Out.WriteLine(
                $"{node.Name}: no node has a good copy of {Text(node.BlocksLost)} blocks, which " +
                $"{Text(node.ObjectsLost)} objects have: {string.Join(", ", node.ObjectsLostNames)}{more}");
        }
    }

    private static string Scrub(StorageNodeStatus node) => node.ScrubShare is { } share
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{share:P0} ({TextForms.Bytes(node.ScrubBytes ?? 0)}), {node.ScrubDamaged} damaged, ") +
            $"{Days(node.ScrubSecondsLeft ?? 0)} left, oldest {Days(node.ScrubOldestSeconds ?? 0)} ago"
        : "-";

    private static string Days(double seconds) => seconds >= 86_400
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0.0} d")
        : TextForms.Duration(TimeSpan.FromSeconds(seconds));

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Share(StorageNodeStatus node) => node is { DiskBytes: > 0 and var all }
        ? string.Create(CultureInfo.InvariantCulture, $"{node.DiskBytesFree / (double)all:P0}")
        : "-";

    private static Command Drain()
    {
        Argument<string> name = new("NAME") { Description = "The node." };
        Option<bool> undo = new("--undo") { Description = "Have blocks come back to it." };
        Command command = New(
            "drain", "Has a node's blocks go to the others, so that it can be removed.", [undo],
            (cluster, result, cancellation) => cluster.DrainAsync(
                result.GetRequiredValue(name), !result.GetValue(undo), cancellation));
        command.Arguments.Add(name);
        return command;
    }

    private static Command Remove()
    {
        Argument<string> name = new("NAME") { Description = "The node." };
        Option<bool> lost = new("--lost")
        {
            Description = "Remove it although it may have what others lack: its disk is lost.",
        };
        Command command = New(
            "remove", "Removes a node that was drained, or is lost, for good.", [lost],
            (cluster, result, cancellation) => cluster.RemoveAsync(
                result.GetRequiredValue(name), result.GetValue(lost), cancellation));
        command.Arguments.Add(name);
        return command;
    }

    private static Command New(
        string name, string description, Option[] options,
        Func<StorageCluster, ParseResult, CancellationToken, Task> action)
    {
        ServerOptions coordination = new("--coordination");
        var command = new Command(name, description);
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        coordination.AddTo(command);
        command.AppendHelp(HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = coordination.Connect(result);
            await action(new StorageCluster(client), result, cancellation).ConfigureAwait(false);
            return ExitCodes.Ok;
        });
        return command;
    }
}
