using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton members add</c>, <c>promote</c> and <c>remove</c>.</summary>
internal static class MemberChanges
{
    private const string Examples =
        """
        Examples:
          lepton members add http://10.0.0.4:2380 --learner
          lepton coordinator --name n4 --initial-cluster-state existing \
            --initial-cluster n1=http://10.0.0.1:2380,n4=http://10.0.0.4:2380 …
          lepton members promote 8e9e05c52164694d
          lepton members remove 8e9e05c52164694d

        add prints the new member's id; start it then. A learner has no vote until it is promoted, which is refused
        until it has caught up. ID is what 'lepton members' prints.
        """;

    /// <summary>Adds a member.</summary>
    public static Command Add()
    {
        Argument<string> urls = new("URL,URL")
        {
            Description = "Where the other members will reach it: scheme, host and port.",
        };
        Option<bool> learner = new("--learner") { Description = "Let it only follow, until it is promoted." };
        var command = new Command("add", "Adds a member to the cluster, to be started afterwards.") { urls, learner };
        return Finish(command, async (client, result, cancellation) =>
        {
            string[] peerUrls = result.GetRequiredValue(urls).Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return (await client.AddMemberAsync(peerUrls, result.GetValue(learner), cancellation)
                .ConfigureAwait(false)).Id;
        });
    }

    /// <summary>Has a learner vote.</summary>
    public static Command Promote() => Change(
        "promote", "Has a learner vote.", static (client, id, cancellation) =>
            client.PromoteMemberAsync(id, cancellation));

    /// <summary>Removes a member.</summary>
    public static Command Remove() => Change(
        "remove", "Removes a member from the cluster, for good.", static (client, id, cancellation) =>
            client.RemoveMemberAsync(id, cancellation));

    private static Command Change(
        string name, string description, Func<CoordinationClient, MemberId, CancellationToken, Task> change)
    {
        Argument<MemberId> id = new("ID")
        {
            Description = "The member's id, in hexadecimal.",
            CustomParser = static result =>
            {
                string text = result.Tokens[0].Value;
                if (ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
                {
                    return new MemberId(value);
                }

                result.AddError(
                    $"ID is '{text}'; expected a member's id in hexadecimal, as 'lepton members' prints it.");
                return MemberId.None;
            },
        };
        return Finish(new Command(name, description) { id }, async (client, result, cancellation) =>
        {
            MemberId member = result.GetRequiredValue(id);
            await change(client, member, cancellation).ConfigureAwait(false);
            return member;
        });
    }

    private static Command Finish(
        Command command, Func<CoordinationClient, ParseResult, CancellationToken, Task<MemberId>> action)
    {
        ServerOptions server = new();
        server.AddTo(command);
        command.AppendHelp(Examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = server.Connect(result);
            MemberId member = await action(client, result, cancellation).ConfigureAwait(false);
            Console.Out.WriteLine(member.ToString());
            return ExitCodes.Ok;
        });
        return command;
    }
}
