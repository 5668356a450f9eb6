using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton object preload</c>.</summary>
internal static class ObjectPreload
{
    private const int ReadsAtOnce = 8;
    private const int BufferBytes = 256 * 1024;

    private const string Examples =
        """
        Examples:
          lepton object preload s3://data/text/
          lepton object preload s3://models/gpt --endpoint http://10.0.0.2:9000

        Reads all objects below a prefix through one node, which keeps what it can of the blocks that only other
        nodes have (lepton storage --cache-memory, --cache-disk): the next reads through that node find them there.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Preload()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "What the objects begin with, such as s3://data/text/.");
        var command = new Command("preload", "Has a node keep what others have of a prefix.") { url };
        return ObjectCommand.Finish(command, Examples, async (client, result, cancellation) =>
        {
            ObjectUrl prefix = result.GetRequiredValue(url);
            List<ObjectInfo> all = [];
            await foreach (ObjectInfo info in client.ListAsync(prefix, cancellation).ConfigureAwait(false))
            {
                all.Add(info);
            }

            if (all.Count == 0)
            {
                throw ObjectCommand.NothingBelow(prefix);
            }

            TransferDisplay display = TransferDisplay.OnConsole();
            await using (display.ConfigureAwait(false))
            {
                display.Expect(all.Sum(static info => info.Bytes));
                var options = new ParallelOptions
                {
                    MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellation,
                };
                await Parallel.ForEachAsync(all.Where(static info => info.Bytes > 0), options, async (info, stop) =>
                    await ReadAsync(client, info, display, stop).ConfigureAwait(false)).ConfigureAwait(false);
            }

            Console.Out.WriteLine(
                $"read {TextForms.Count(all.Count, "object")}, {TextForms.Bytes(all.Sum(static info => info.Bytes))}");
            return ExitCodes.Ok;
        });
    }

    private static async Task ReadAsync(
        ObjectClient client, ObjectInfo info, TransferDisplay progress, CancellationToken cancellationToken)
    {
        Stream body = await client.OpenAsync(info.Url, 0, info.Bytes, info.ETag, cancellationToken)
            .ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] buffer = new byte[BufferBytes];
            while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                progress.Report(read);
            }
        }
    }
}
