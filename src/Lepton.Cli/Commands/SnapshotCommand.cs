using System.CommandLine;
using System.Text;
using System.Text.Json;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Snapshots;
using Lepton.Core.Durability;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton snapshot</c>: backups of the coordination store, in etcd's format.</summary>
internal static class SnapshotCommand
{
    private const string Examples =
        """
        Examples:
          lepton snapshot save backup.db --endpoints http://10.0.0.1:2379
          lepton snapshot status backup.db
          lepton snapshot restore backup.db --name n1 --data-dir /var/lib/lepton/n1 \
            --initial-advertise-peer-urls http://10.0.0.1:2380 \
            --initial-cluster n1=http://10.0.0.1:2380,n2=http://10.0.0.2:2380,n3=http://10.0.0.3:2380

        The files are etcd's: etcdctl restores what is saved here, and what etcdctl saved is restored here. To restore a
        cluster, make the data directory of each of its members from the same file, with the same --initial-cluster, and
        start them. Members of different files refuse each other.
        """;

    private static readonly CoordinatorOptions Defaults = new();

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("snapshot", "Saves, restores and describes backups of the coordination store.")
        {
            Save(), Restore(), Status(),
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetAction(HelpText.Print);
        return command;
    }

    private static Argument<string> File(string description) => new("FILE") { Description = description };

    private static Command Save()
    {
        Argument<string> file = File("Where to save it. It appears whole or not at all.");
        ServerOptions server = new();
        var command = new Command("save", "Saves a snapshot of the coordination store.") { file };
        server.AddTo(command);
        command.AppendHelp(Examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            string path = result.GetRequiredValue(file);
            string part = path + ".part";
            using CoordinationClient client = server.Connect(result);
            SnapshotSummary summary;
            try
            {
                await using (FileStream stream = new(part, FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    summary = await client.SnapshotAsync(stream, cancellation).ConfigureAwait(false);
                }

                DurableFile.ReplaceAtomic(part, path);
            }
            catch
            {
                System.IO.File.Delete(part);
                throw;
            }

            Print($"Saved {path}: {summary.Bytes} bytes, SHA-256 {summary.Sha256}.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Status()
    {
        Argument<string> file = File("The snapshot.");
        Option<bool> json = new("--json") { Description = "Print JSON: hash, revision, totalKey, totalSize." };
        Option<bool> skipHash = SkipHash();
        var command = new Command("status", "Checks a snapshot and describes it.") { file, json, skipHash };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, _) =>
        {
            EtcdSnapshotStatus status = Reading(() => EtcdSnapshotImport.ReadStatus(
                result.GetRequiredValue(file), !result.GetValue(skipHash)));
            if (result.GetValue(json))
            {
                PrintJson(status);
            }
            else
            {
                Print($"hash        {status.Hash:x}");
                Print($"revision    {status.Revision}");
                Print($"total keys  {status.TotalKeys}");
                Print($"size        {status.SizeBytes} bytes");
            }

            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static Command Restore()
    {
        Argument<string> file = File("The snapshot.");
        Option<string> name = Text("--name", "The member's name.", "NAME", Defaults.Name);
        Option<string?> dataDir =
            Optional("--data-dir", "Its data directory, new or empty; NAME.lepton otherwise.", "DIR");
        Option<string> peers = Text(
            "--initial-advertise-peer-urls", "Where the others reach it.", "URL,…", Defaults.ListenPeerUrls[0]);
        Option<string?> cluster = Optional(
            "--initial-cluster", "The new cluster's members; this one alone otherwise.", "NAME=URL,…");
        Option<string> token = Text(
            "--initial-cluster-token", "Tells clusters with the same addresses apart.", "TOKEN",
            Defaults.InitialClusterToken);
        Option<bool> skipHash = SkipHash();
        var command = new Command("restore", "Makes the data directory of a member of a new cluster from a snapshot.")
        {
            file, name, dataDir, cluster, peers, token, skipHash,
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, cancellation) =>
        {
            string path = result.GetRequiredValue(file);
            CoordinatorOptions options = new()
            {
                Name = result.GetRequiredValue(name),
                DataDir = result.GetValue(dataDir),
                InitialAdvertisePeerUrls = result.GetRequiredValue(peers).Split(
                    ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                InitialCluster = result.GetValue(cluster),
                InitialClusterToken = result.GetRequiredValue(token),
            };
            Tell(path, options, Reading(
                () => EtcdSnapshotImport.Restore(path, options, !result.GetValue(skipHash), cancellation)));
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static void Tell(string path, CoordinatorOptions options, RestoredMember member)
    {
        Print($"Restored {path} into {member.DataDir}: the member {options.Name} ({member.MemberId:x}) of the new " +
            $"cluster {member.ClusterId:x}, at revision {member.Revision}, with {member.Keys} keys and " +
            $"{member.Leases} leases.");
        if (member.LostLeases > 0)
        {
            Print($"{member.LostLeases} keys were to live by leases that the snapshot does not have; they stay until " +
                "they are deleted.");
        }

        if (member.HadUsers)
        {
            Print("The old cluster asked for users and passwords, and the new one does not: whoever reaches its " +
                "client addresses may read and write everything. Let only holders of client certificates in.");
        }
    }

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private static void PrintJson(EtcdSnapshotStatus status)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteNumber("hash", status.Hash);
            writer.WriteNumber("revision", status.Revision);
            writer.WriteNumber("totalKey", status.TotalKeys);
            writer.WriteNumber("totalSize", status.SizeBytes);
            writer.WriteEndObject();
        }

        Console.Out.WriteLine(Encoding.UTF8.GetString(line.ToArray()));
    }

    private static void Print(string line) => Console.Out.WriteLine(line);

    private static Option<bool> SkipHash() => new("--skip-hash-check")
    {
        Description = "Take a file without a checksum too, such as a database copied from a data directory of etcd's.",
    };

    private static Option<string> Text(string name, string description, string helpName, string otherwise) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => otherwise,
    };

    private static Option<string?> Optional(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };
}
