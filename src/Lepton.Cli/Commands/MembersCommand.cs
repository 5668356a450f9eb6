using System.CommandLine;
using System.Text;
using System.Text.Json;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Spectre.Console;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton members</c>: who belongs to the coordination cluster.</summary>
internal static class MembersCommand
{
    private const string Examples =
        """
        Examples:
          lepton members
          lepton members --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 --json
          lepton members add http://10.0.0.4:2380 --learner

        --json prints one object a line: id, name, role (leader, voter or learner), peerUrls, clientUrls.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print JSON, one object a line." };
        ServerOptions server = new();
        var command = new Command("members", "Lists the members of the coordination cluster.")
        {
            json, MemberChanges.Add(), MemberChanges.Promote(), MemberChanges.Remove(),
        };
        server.AddTo(command);
        command.AppendHelp(Examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = server.Connect(result);
            IReadOnlyList<ClusterMember> members = await client.ListMembersAsync(cancellation).ConfigureAwait(false);
            EndpointStatus status = await client.GetStatusAsync(cancellation).ConfigureAwait(false);
            Action<IReadOnlyList<ClusterMember>, MemberId> print = result.GetValue(json) ? PrintJson : PrintTable;
            print(members, status.Leader);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string RoleOf(ClusterMember member, MemberId leader) =>
        member.Id == leader ? "leader" : member.IsLearner ? "learner" : "voter";

    private const int UnbrokenWidth = 1000;

    private static void PrintTable(IReadOnlyList<ClusterMember> members, MemberId leader)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("member", "name", "role", "peers reach it at", "clients reach it at");

        // Ids and addresses are copied into other commands: none is broken, and a pipe has no edge.
        foreach (TableColumn column in table.Columns)
        {
            column.NoWrap();
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = UnbrokenWidth;
        }

        foreach (ClusterMember member in members)
        {
            table.AddRow(
                new Text(member.Id.ToString()),
                new Text(member.Name.Length > 0 ? member.Name : "(not started)"),
                new Text(RoleOf(member, leader)),
                new Text(string.Join('\n', member.PeerUrls)),
                new Text(string.Join('\n', member.ClientUrls)));
        }

        AnsiConsole.Write(table);
    }

    private static void PrintJson(IReadOnlyList<ClusterMember> members, MemberId leader)
    {
        foreach (ClusterMember member in members)
        {
            using MemoryStream line = new();
            using (Utf8JsonWriter writer = new(line))
            {
                writer.WriteStartObject();
                writer.WriteString("id", member.Id.ToString());
                writer.WriteString("name", member.Name);
                writer.WriteString("role", RoleOf(member, leader));
                WriteAll(writer, "peerUrls", member.PeerUrls);
                WriteAll(writer, "clientUrls", member.ClientUrls);
                writer.WriteEndObject();
            }

            Console.Out.WriteLine(Encoding.UTF8.GetString(line.ToArray()));
        }
    }

    private static void WriteAll(Utf8JsonWriter writer, string name, IEnumerable<string> urls)
    {
        writer.WriteStartArray(name);
        foreach (string url in urls)
        {
            writer.WriteStringValue(url);
        }

        writer.WriteEndArray();
    }
}
