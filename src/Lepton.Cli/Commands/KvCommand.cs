using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton kv</c>: reads, writes and watches keys of the coordination store.</summary>
internal static class KvCommand
{
    private const string GetExamples =
        """
        Examples:
          lepton kv get config/mode
          lepton kv get config/ --prefix --json
          lepton kv get config/mode --revision 12

        Prints the value, with --prefix a line of key, tab and value for each key, with --json one object a line:
        key, value, createRevision, version, lease, modRevision. What is not UTF-8 is in keyBase64 and valueBase64.
        """;

    private const string PutExamples =
        """
        Examples:
          lepton kv put config/mode fast
          lepton kv put config/file - < settings.json

        Prints the store's revision with the change. Where no answer came, the message says that it is not known
        whether the key was put: nothing is sent twice.
        """;

    private const string DelExamples =
        """
        Examples:
          lepton kv del config/mode
          lepton kv del config/ --prefix

        Prints how many keys were deleted.
        """;

    private const string WatchExamples =
        """
        Examples:
          lepton kv watch config/ --prefix
          lepton kv watch config/mode --revision 12 --json | jq .value

        Prints a line for each change, until Ctrl-C: PUT or DELETE, key and value with tabs between them, or with
        --json one object a line. A connection that breaks is replaced, and nothing is left out or told twice.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("kv", "Reads, writes and watches keys of the coordination store.");
        command.Subcommands.Add(Get());
        command.Subcommands.Add(Put());
        command.Subcommands.Add(Del());
        command.Subcommands.Add(Watch());
        command.AppendHelp(ServerOptions.HelpSection);
        command.SetAction(HelpText.Print);
        return command;
    }

    private static Command Get()
    {
        Argument<string> key = KeyOrPrefix();
        Option<bool> prefix = Prefix();
        Option<bool> keysOnly = new("--keys-only") { Description = "Print no values." };
        Option<bool> json = Json();
        Option<long> revision = AtRevision("Read as it was at this revision.");
        ServerOptions server = new();
        var command = new Command("get", "Prints the value of a key.") { key, prefix, keysOnly, json, revision };
        Finish(command, server, GetExamples, async (client, result, cancellation) =>
        {
            Revision at = new(result.GetValue(revision));
            using EntryWriter writer = EntryWriter.ToConsole(result.GetValue(json), result.GetValue(prefix));
            string name = result.GetRequiredValue(key);
            if (!result.GetValue(prefix))
            {
                KeyValue entry = await client.GetAsync(name, new RangeOptions { AtRevision = at }, cancellation)
                    .ConfigureAwait(false) ?? throw new UsageException(
                        $"There is no key '{name}'. List what there is with lepton kv get PREFIX --prefix --keys-only.",
                        exitCode: CoordinationExitCodes.NoSuchKey);
                writer.Write(entry, result.GetValue(keysOnly));
                return ExitCodes.Ok;
            }

            await foreach (KeyValue entry in client.ScanAsync(
                KeyRange.Prefix(name), atRevision: at, cancellationToken: cancellation).ConfigureAwait(false))
            {
                writer.Write(entry, result.GetValue(keysOnly));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Put()
    {
        Argument<string> key = Key();
        Argument<string> value = new("VALUE") { Description = "Its value; - reads it from standard input." };
        ServerOptions server = new();
        var command = new Command("put", "Puts a key.") { key, value };
        Finish(command, server, PutExamples, async (client, result, cancellation) =>
        {
            string text = result.GetRequiredValue(value);
            Bytes bytes = text == "-" ? await ReadInputAsync(cancellation).ConfigureAwait(false) : text;
            PutResult put = await client.PutAsync(
                result.GetRequiredValue(key), bytes, cancellationToken: cancellation).ConfigureAwait(false);
            Console.Out.WriteLine(put.Revision);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Del()
    {
        Argument<string> key = KeyOrPrefix();
        Option<bool> prefix = Prefix();
        ServerOptions server = new();
        var command = new Command("del", "Deletes a key.") { key, prefix };
        Finish(command, server, DelExamples, async (client, result, cancellation) =>
        {
            DeleteResult deleted = await client.DeleteAsync(
                Range(result, key, prefix), cancellationToken: cancellation).ConfigureAwait(false);
            Console.Out.WriteLine(deleted.Deleted.ToString(CultureInfo.InvariantCulture));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Watch()
    {
        Argument<string> key = KeyOrPrefix();
        Option<bool> prefix = Prefix();
        Option<bool> json = Json();
        Option<long> revision = AtRevision("The first revision to tell of, past or future; otherwise what comes.");
        ServerOptions server = new();
        var command = new Command("watch", "Prints the changes of a key as they happen.")
        {
            key, prefix, json, revision,
        };
        Finish(command, server, WatchExamples, async (client, result, cancellation) =>
        {
            using EntryWriter writer = EntryWriter.ToConsole(result.GetValue(json), withKeys: true);
            WatchOptions options = new()
            {
                StartRevision = new Revision(result.GetValue(revision)),
                OnInterrupted = e => Console.Error.WriteLine($"lepton: {e.Message} The watch tries again."),
            };
            await foreach (WatchBatch batch in client.WatchAsync(Range(result, key, prefix), options, cancellation)
                .ConfigureAwait(false))
            {
                foreach (WatchEvent change in batch.Events)
                {
                    writer.Write(change);
                }
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Finish(
        Command command, ServerOptions server, string examples,
        Func<CoordinationClient, ParseResult, CancellationToken, Task<int>> action)
    {
        server.AddTo(command);
        command.AppendHelp(examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = server.Connect(result);
            return await action(client, result, cancellation).ConfigureAwait(false);
        });
    }

    private static KeyRange Range(ParseResult result, Argument<string> key, Option<bool> prefix) =>
        result.GetValue(prefix)
            ? KeyRange.Prefix(result.GetRequiredValue(key))
            : KeyRange.Of(result.GetRequiredValue(key));

    private static async Task<Bytes> ReadInputAsync(CancellationToken cancellation)
    {
        using MemoryStream all = new();
        Stream input = Console.OpenStandardInput();
        await using (input.ConfigureAwait(false))
        {
            await input.CopyToAsync(all, cancellation).ConfigureAwait(false);
        }

        return all.ToArray();
    }

    private static Argument<string> Key()
    {
        Argument<string> key = new("KEY") { Description = "The key." };
        key.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("KEY is empty; a key has one character at least.");
            }
        });
        return key;
    }

    private static Argument<string> KeyOrPrefix()
    {
        Argument<string> key = new("KEY") { Description = "The key, or with --prefix how keys begin." };
        key.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: "" }] && result.GetValue<bool>("--prefix") is false)
            {
                result.AddError("KEY is empty; a key has one character at least. With --prefix it is every key.");
            }
        });
        return key;
    }

    private static Option<bool> Prefix() => new("--prefix") { Description = "All keys that begin with KEY." };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON, one object a line." };

    private static Option<long> AtRevision(string description) => new("--revision")
    {
        HelpName = "N",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0)
            {
                return value;
            }

            result.AddError($"--revision is '{text}'; expected a whole number, 1 or more.");
            return 0;
        },
    };
}
