using System.CommandLine;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton object mb</c> and <c>rb</c>: buckets.</summary>
internal static class ObjectBuckets
{
    private const string MakeExamples =
        """
        Examples:
          lepton object mb s3://data

        A bucket of one's own that is there stays as it is.
        """;

    private const string RemoveExamples =
        """
        Examples:
          lepton object rm s3://data --recursive
          lepton object rb s3://data
        """;

    /// <summary>Makes a bucket.</summary>
    public static Command Make()
    {
        Argument<ObjectUrl> bucket = ObjectArguments.Bucket();
        var command = new Command("mb", "Makes a bucket.") { bucket };
        return ObjectCommand.Finish(command, MakeExamples, async (client, result, cancellation) =>
        {
            ObjectUrl url = result.GetRequiredValue(bucket);
            bool made = await client.MakeBucketAsync(url.Bucket, cancellation).ConfigureAwait(false);
            Console.Out.WriteLine(made ? $"Made {url}" : $"{url} is there already.");
            return ExitCodes.Ok;
        });
    }

    /// <summary>Removes an empty bucket.</summary>
    public static Command Remove()
    {
        Argument<ObjectUrl> bucket = ObjectArguments.Bucket();
        var command = new Command("rb", "Removes an empty bucket.") { bucket };
        return ObjectCommand.Finish(command, RemoveExamples, async (client, result, cancellation) =>
        {
            ObjectUrl url = result.GetRequiredValue(bucket);
            await client.DeleteBucketAsync(url.Bucket, cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"Removed {url}");
            return ExitCodes.Ok;
        });
    }
}
