using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton object</c>: buckets and objects of a store that speaks S3. Here what looks; what moves bytes is
/// in <see cref="ObjectTransfers"/>, what changes buckets in <see cref="ObjectBuckets"/>.</summary>
internal static class ObjectCommand
{
    private const string Examples =
        """
        Examples:
          export AWS_ENDPOINT_URL=http://127.0.0.1:9000 AWS_SHARED_CREDENTIALS_FILE=objects/credentials
              the store of lepton storage --data-dir objects
          lepton object mb s3://data
          lepton object put corpus.txt s3://data/text/
          lepton object ls s3://data/text/
          lepton object get s3://data/text/corpus.txt - | wc -l
          lepton object sync checkpoints s3://data/checkpoints --delete --dry-run
        """;

    private const string LsExamples =
        """
        Examples:
          lepton object ls
          lepton object ls s3://data/text/
          lepton object ls s3://data --recursive --json | jq .bytes

        Lists what begins with the URL, as a folder is listed: up to the next slash, with --recursive all of it.
        --json prints one object a line: url, bytes, modifiedAt, eTag; of a folder url, isFolder; of a bucket url,
        createdAt.
        """;

    private const string StatExamples =
        """
        Examples:
          lepton object stat s3://data/text/corpus.txt
          lepton object stat s3://data/text/corpus.txt --json

        --json prints one object: url, bytes, modifiedAt, eTag, contentType.
        """;

    private const string DuExamples =
        """
        Examples:
          lepton object du s3://data
          lepton object du s3://data/text/

        Prints how much there is below each folder, right below what is given, and in all.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("object", "Reads, writes and lists objects of a store that speaks S3.")
        {
            ObjectBuckets.Make(), ObjectBuckets.Remove(), Ls(), ObjectTransfers.Put(), ObjectTransfers.Get(),
            ObjectTransfers.Cp(), ObjectTransfers.Rm(), ObjectSync.Sync(), Stat(), Du(),
            ObjectPreload.Preload(), ObjectSync.Presign(),
        };
        command.AppendHelp(Examples, StoreOptions.HelpSection, HelpText.ExitCodesText);
        command.SetAction(HelpText.Print);
        return command;
    }

    /// <summary>Gives a command what all of them have: the store, help, and how errors are told.</summary>
    public static Command Finish(
        Command command, string examples, Func<ObjectClient, ParseResult, CancellationToken, Task<int>> action)
    {
        StoreOptions store = new();
        store.AddTo(command);
        command.AppendHelp(examples, StoreOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using ObjectClient client = store.Connect(result);
            return await action(client, result, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Ls()
    {
        Argument<ObjectUrl?> url = ObjectArguments.OptionalUrl(
            "URL", "What the objects begin with, such as s3://data/text/; the buckets where it is missing.");
        Option<bool> recursive = ObjectArguments.Recursive("All that is below folders too.");
        Option<bool> json = ObjectArguments.Json();
        var command = new Command("ls", "Lists buckets, or objects.") { url, recursive, json };
        return Finish(command, LsExamples, async (client, result, cancellation) =>
        {
            ObjectLines lines = new(Console.Out, result.GetValue(json));
            if (result.GetValue(url) is not { } prefix)
            {
                foreach (BucketInfo bucket in await client.ListBucketsAsync(cancellation).ConfigureAwait(false))
                {
                    lines.Write(bucket);
                }

                return ExitCodes.Ok;
            }

            await (result.GetValue(recursive)
                ? ListAllAsync(client, prefix, lines, cancellation)
                : ListLevelAsync(client, prefix, lines, cancellation)).ConfigureAwait(false);
            if (lines.Count == 0 && prefix.Key.Length > 0)
            {
                throw NothingBelow(prefix);
            }

            lines.WriteTotal();
            return ExitCodes.Ok;
        });
    }

    /// <summary>Tells that no object begins as was said.</summary>
    public static ObjectException NothingBelow(ObjectUrl url) => new(
        $"{url}: there is nothing. 'lepton object ls {url with { Key = "" }}' shows what the bucket has.")
    {
        Failure = ObjectFailure.NotFound,
    };

    private static async Task ListAllAsync(
        ObjectClient client, ObjectUrl prefix, ObjectLines lines, CancellationToken cancellation)
    {
        await foreach (ObjectInfo info in client.ListAsync(prefix, cancellation).ConfigureAwait(false))
        {
            lines.Write(info, prefix with { Key = "" });
        }
    }

    private static async Task ListLevelAsync(
        ObjectClient client, ObjectUrl prefix, ObjectLines lines, CancellationToken cancellation)
    {
        ObjectUrl above = prefix with { Key = prefix.Key[..^prefix.Name.Length] };
        (IReadOnlyList<ObjectUrl> folders, IReadOnlyList<ObjectInfo> objects) =
            await client.ListLevelAsync(prefix, cancellation).ConfigureAwait(false);
        foreach (ObjectUrl folder in folders)
        {
            lines.WriteFolder(folder, above);
        }

        foreach (ObjectInfo info in objects)
        {
            lines.Write(info, above);
        }
    }

    private static Command Stat()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "The object.");
        Option<bool> json = new("--json") { Description = "Print JSON." };
        var command = new Command("stat", "Prints what the store says of an object.") { url, json };
        return Finish(command, StatExamples, async (client, result, cancellation) =>
        {
            ObjectUrl one = ObjectArguments.OneObject(
                result.GetRequiredValue(url), "lepton object du tells of folders.");
            new ObjectLines(Console.Out, result.GetValue(json)).WriteDetails(
                await client.GetInfoAsync(one, cancellation).ConfigureAwait(false));
            return ExitCodes.Ok;
        });
    }

    private static Command Du()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "What the objects begin with, such as s3://data/text/.");
        var command = new Command("du", "Prints how much there is.") { url };
        return Finish(command, DuExamples, async (client, result, cancellation) =>
        {
            ObjectUrl prefix = result.GetRequiredValue(url);
            SortedDictionary<string, (long Objects, long Bytes)> folders = new(StringComparer.Ordinal);
            (long Objects, long Bytes) total = default;
            await foreach (ObjectInfo info in client.ListAsync(prefix, cancellation).ConfigureAwait(false))
            {
                string key = info.Url.Key;
                string folder = key[..(key.IndexOf('/', prefix.Key.Length) + 1)];
                (long objects, long bytes) = folders.GetValueOrDefault(folder);
                folders[folder] = (objects + 1, bytes + info.Bytes);
                total = (total.Objects + 1, total.Bytes + info.Bytes);
            }

            if (total.Objects == 0 && prefix.Key.Length > 0)
            {
                throw NothingBelow(prefix);
            }

            foreach ((string folder, (long objects, long bytes)) in folders.Where(static one => one.Key.Length > 0))
            {
                PrintUse(bytes, objects, prefix with { Key = folder });
            }

            PrintUse(total.Bytes, total.Objects, prefix);
            return ExitCodes.Ok;
        });
    }

    private static void PrintUse(long bytes, long objects, ObjectUrl url) => Console.Out.WriteLine(
        $"{TextForms.Bytes(bytes),11}  {TextForms.Count(objects, "object"),16}  " +
        TextForms.Printable(url.ToString()));
}
