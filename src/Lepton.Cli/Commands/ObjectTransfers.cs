using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton object put</c>, <c>get</c>, <c>cp</c> and <c>rm</c>.</summary>
internal static class ObjectTransfers
{
    private const int DeletedAtOnce = 1000;
    private const int CopiedAtOnce = 8;

    private const string PutExamples =
        """
        Examples:
          lepton object put corpus.txt s3://data/text/
          lepton object put corpus s3://data/text --recursive
          pg_dump shop | lepton object put - s3://data/backup/shop.sql

        An object appears whole or not at all. A URL that ends with a slash, or is a bucket, is a folder.
        """;

    private const string GetExamples =
        """
        Examples:
          lepton object get s3://data/text/corpus.txt corpus.txt
          lepton object get s3://data/text/corpus.txt - | head
          lepton object get s3://data/text corpus --recursive

        A file appears whole or not at all, and takes the place of one that is there. Where the command is interrupted,
        what has come of an object above 16 MiB stays beside the file, as .NAME.lepton-partial, and the same command
        goes on from there. Objects whose names would lead out of the directory are left out, and the command ends
        with 1.
        """;

    private const string CpExamples =
        """
        Examples:
          lepton object cp s3://data/text/corpus.txt s3://archive/2026/
          lepton object cp s3://data/text s3://archive/2026/text --recursive

        Within one store, which copies by itself. What stands there is replaced. With --recursive what is below the
        folder: s3://data/textbooks is not copied.
        """;

    private const string RmExamples =
        """
        Examples:
          lepton object rm s3://data/text/corpus.txt
          lepton object rm s3://data/text --recursive

        With --recursive what is below the folder: s3://data/textbooks stays.
        """;

    /// <summary>Writes objects.</summary>
    public static Command Put()
    {
        Argument<string> source = new("FILE")
        {
            Description = "A file, a directory with --recursive, or - for standard input.",
        };
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "Where, such as s3://data/text/.");
        Option<bool> recursive = ObjectArguments.Recursive("All files below a directory.");
        var command = new Command("put", "Writes files as objects.") { source, url, recursive };
        return ObjectCommand.Finish(command, PutExamples, async (client, result, cancellation) =>
        {
            string path = result.GetRequiredValue(source);
            ObjectUrl target = result.GetRequiredValue(url);
            if (path != ObjectArguments.Standard && !File.Exists(path) && !Directory.Exists(path))
            {
                throw new UsageException(
                    $"There is no file '{path}'. Correct the path.", exitCode: ExitCodes.MissingFile);
            }

            await using TransferDisplay display = TransferDisplay.OnConsole();
            if (result.GetValue(recursive))
            {
                return await PutAllAsync(client, path, target.AsFolder(), display, cancellation).ConfigureAwait(false);
            }

            if (Directory.Exists(path))
            {
                throw new UsageException($"'{path}' is a directory. Add --recursive to put all files below it.");
            }

            return path == ObjectArguments.Standard
                ? await PutInputAsync(client, target, display, cancellation).ConfigureAwait(false)
                : await PutOneAsync(client, path, target, display, cancellation).ConfigureAwait(false);
        });
    }

    /// <summary>Reads objects.</summary>
    public static Command Get()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "The object, or a folder with --recursive.");
        Argument<string> target = new("FILE")
        {
            Description = "A file, a directory, or - for standard output.",
        };
        Option<bool> recursive = ObjectArguments.Recursive("All objects below a folder.");
        var command = new Command("get", "Reads objects into files.") { url, target, recursive };
        return ObjectCommand.Finish(command, GetExamples, async (client, result, cancellation) =>
        {
            ObjectUrl source = result.GetRequiredValue(url);
            string path = result.GetRequiredValue(target);
            await using TransferDisplay display = TransferDisplay.OnConsole();
            if (result.GetValue(recursive))
            {
                return await GetAllAsync(client, source.AsFolder(), path, display, cancellation).ConfigureAwait(false);
            }

            source = ObjectArguments.OneObject(source, "Add --recursive to get all that is below it.");
            return path == ObjectArguments.Standard
                ? await GetOutputAsync(client, source, cancellation).ConfigureAwait(false)
                : await GetOneAsync(client, source, path, display, cancellation).ConfigureAwait(false);
        });
    }

    /// <summary>Copies objects.</summary>
    public static Command Cp()
    {
        Argument<ObjectUrl> from = ObjectArguments.Url("FROM", "The object, or a folder with --recursive.");
        Argument<ObjectUrl> to = ObjectArguments.Url("TO", "Where the copy goes.");
        Option<bool> recursive = ObjectArguments.Recursive("All objects below a folder.");
        var command = new Command("cp", "Copies objects within the store.") { from, to, recursive };
        return ObjectCommand.Finish(command, CpExamples, async (client, result, cancellation) =>
        {
            ObjectUrl source = result.GetRequiredValue(from);
            ObjectUrl target = result.GetRequiredValue(to);
            await using TransferDisplay display = TransferDisplay.OnConsole();
            if (result.GetValue(recursive))
            {
                return await CopyAllAsync(client, source.AsFolder(), target.AsFolder(), display, cancellation)
                    .ConfigureAwait(false);
            }

            source = ObjectArguments.OneObject(source, "Add --recursive to copy all that is below it.");
            target = ObjectArguments.Target(target, source.Name);
            display.Expect((await client.GetInfoAsync(source, cancellation).ConfigureAwait(false)).Bytes);
            await client.CopyAsync(source, target, display, cancellation).ConfigureAwait(false);
            display.Tell($"copied {TextForms.Printable(target.ToString())}");
            return ExitCodes.Ok;
        });
    }

    /// <summary>Deletes objects.</summary>
    public static Command Rm()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "The object, or a folder with --recursive.");
        Option<bool> recursive = ObjectArguments.Recursive("All objects below a folder.");
        var command = new Command("rm", "Deletes objects.") { url, recursive };
        return ObjectCommand.Finish(command, RmExamples, async (client, result, cancellation) =>
        {
            ObjectUrl target = result.GetRequiredValue(url);
            if (result.GetValue(recursive))
            {
                return await RemoveAllAsync(client, target, cancellation).ConfigureAwait(false);
            }

            target = ObjectArguments.OneObject(target, "Add --recursive to delete all that is below it.");
            await client.GetInfoAsync(target, cancellation).ConfigureAwait(false);
            await client.DeleteAsync([target], cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"rm {TextForms.Printable(target.ToString())}");
            return ExitCodes.Ok;
        });
    }

    private static async Task<int> PutOneAsync(
        ObjectClient client, string path, ObjectUrl target, TransferDisplay display, CancellationToken cancellation)
    {
        target = ObjectArguments.Target(target, Path.GetFileName(path));
        display.Expect(LocalTree.BytesOf(path));
        long bytes = await client.UploadAsync(path, target, display, cancellation).ConfigureAwait(false);
        TellOne(display, "put", target.ToString(), bytes);
        return ExitCodes.Ok;
    }

    private static async Task<int> PutInputAsync(
        ObjectClient client, ObjectUrl target, TransferDisplay display, CancellationToken cancellation)
    {
        target = ObjectArguments.OneObject(target, "What comes by standard input has none of its own.");
        Stream input = Console.OpenStandardInput();
        await using var disposal = input.ConfigureAwait(false);
        long bytes = await client.UploadAsync(input, target, display, cancellation).ConfigureAwait(false);
        TellOne(display, "put", target.ToString(), bytes);
        return ExitCodes.Ok;
    }

    private static async Task<int> PutAllAsync(
        ObjectClient client, string path, ObjectUrl folder, TransferDisplay display, CancellationToken cancellation)
    {
        IReadOnlyList<LocalFile> files = LocalTree.Files(path);
        await new FolderTransfer(client, folder, path, display).UploadAsync(
            [.. files.Select(static file => (file, ""))], cancellation).ConfigureAwait(false);
        TellAll(display, "put", files.Count, files.Sum(static file => file.Bytes));
        return ExitCodes.Ok;
    }

    private static async Task<int> GetOneAsync(
        ObjectClient client, ObjectUrl source, string path, TransferDisplay display, CancellationToken cancellation)
    {
        string target = path;
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
        {
            target = LocalTree.Place(path, source.Name) ?? throw new UsageException(
                $"{source}: the name can't be a file's. Say what the file is to be called.");
        }

        ObjectInfo info = await client.GetInfoAsync(source, cancellation).ConfigureAwait(false);
        display.Expect(info.Bytes);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        long there = await client.ResumeDownloadAsync(source, target, display, cancellation).ConfigureAwait(false);
        TellOne(display, "get", target, info.Bytes - there, TextForms.Resumed(there));
        return ExitCodes.Ok;
    }

    private static async Task<int> GetOutputAsync(
        ObjectClient client, ObjectUrl source, CancellationToken cancellation)
    {
        Stream output = Console.OpenStandardOutput();
        await using (output.ConfigureAwait(false))
        {
            await client.DownloadAsync(source, output, cancellationToken: cancellation).ConfigureAwait(false);
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> GetAllAsync(
        ObjectClient client, ObjectUrl folder, string path, TransferDisplay display, CancellationToken cancellation)
    {
        FolderTransfer transfer = new(client, folder, path, display);
        IReadOnlyList<RemoteFile> all = await transfer.ListAsync(cancellation).ConfigureAwait(false);
        if (all.Count == 0)
        {
            throw ObjectCommand.NothingBelow(folder);
        }

        IReadOnlyList<RemoteFile> files = transfer.Placeable(all);
        await transfer.DownloadAsync([.. files.Select(static file => (file, ""))], cancellation).ConfigureAwait(false);
        TellAll(display, "get", files.Count, files.Sum(static file => file.Info.Bytes));
        return files.Count == all.Count ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<int> CopyAllAsync(
        ObjectClient client, ObjectUrl source, ObjectUrl target, TransferDisplay display,
        CancellationToken cancellation)
    {
        if (source == target)
        {
            throw new UsageException($"'{source}' would be copied to itself. Name another folder.");
        }

        // All of them first: a copy that lies below the source is none of them.
        List<ObjectInfo> objects = [];
        await foreach (ObjectInfo info in client.ListAsync(source, cancellation).ConfigureAwait(false))
        {
            objects.Add(info);
        }

        if (objects.Count == 0)
        {
            throw ObjectCommand.NothingBelow(source);
        }

        display.Expect(objects.Sum(static info => info.Bytes));
        var options = new ParallelOptions { MaxDegreeOfParallelism = CopiedAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(objects, options, async (info, token) =>
        {
            ObjectUrl to = target with { Key = target.Key + info.Url.Key[source.Key.Length..] };
            await client.CopyAsync(info.Url, to, display, token).ConfigureAwait(false);
            display.Tell($"copied {TextForms.Printable(to.ToString())}");
        }).ConfigureAwait(false);
        display.Tell($"{TextForms.Count(objects.Count, "object")} copied, " +
            display.Pace(objects.Sum(static info => info.Bytes)));
        return ExitCodes.Ok;
    }

    private static async Task<int> RemoveAllAsync(
        ObjectClient client, ObjectUrl target, CancellationToken cancellation)
    {
        long count = 0;
        long bytes = 0;
        List<ObjectUrl> some = [];
        await foreach (ObjectInfo info in client.ListAsync(target, cancellation).ConfigureAwait(false))
        {
            if (info.Url != target && !info.Url.Key.StartsWith(target.AsFolder().Key, StringComparison.Ordinal))
            {
                continue;
            }

            (count, bytes) = (count + 1, bytes + info.Bytes);
            some.Add(info.Url);
            if (some.Count == DeletedAtOnce)
            {
                await client.DeleteAsync(some, cancellation).ConfigureAwait(false);
                some.Clear();
            }
        }

        await client.DeleteAsync(some, cancellation).ConfigureAwait(false);
        if (count == 0 && target.Key.Length > 0)
        {
            throw ObjectCommand.NothingBelow(target);
        }

        Console.Out.WriteLine($"{TextForms.Count(count, "object")} deleted, {TextForms.Bytes(bytes)}");
        return ExitCodes.Ok;
    }

    private static void TellOne(
        TransferDisplay display, string word, string place, long bytes, string remark = "") =>
        display.Tell($"{word} {TextForms.Printable(place)}: {display.Pace(bytes)}{remark}");

    private static void TellAll(TransferDisplay display, string word, int files, long bytes) =>
        display.Tell($"{TextForms.Count(files, "file")} {word}, {display.Pace(bytes)}");
}
