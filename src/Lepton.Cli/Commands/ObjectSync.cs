using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Objects;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton object sync</c> and <c>presign</c>.</summary>
internal static class ObjectSync
{
    private static readonly TimeSpan s_expiresMax = TimeSpan.FromDays(7);

    private const string SyncExamples =
        """
        Examples:
          lepton object sync corpus s3://data/corpus
          lepton object sync s3://data/corpus corpus --delete --dry-run

        Copies what is new or another. Files and objects of equal size are compared by content, where the object came in
        one piece and its ETag is an MD5; else the later one wins. Nothing is deleted without --delete, and nothing at
        all where the source is empty. Objects whose names would lead out of the directory are left out, and the
        command ends with 1.
        """;

    private const string PresignExamples =
        """
        Examples:
          lepton object presign s3://data/text/corpus.txt
          curl -T corpus.txt "$(lepton object presign s3://data/text/corpus.txt --put --expires 15m)"

        Whoever has the URL may read the object, or write it, until it expires: treat it as a password.
        """;

    /// <summary>Makes one side as the other.</summary>
    public static Command Sync()
    {
        Argument<string> from = new("FROM") { Description = "A directory, or a folder such as s3://data/text." };
        Argument<string> to = new("TO") { Description = "The other of them." };
        Option<bool> delete = new("--delete") { Description = "Delete what FROM does not have." };
        Option<bool> dry = new("--dry-run") { Description = "Only say what would be done." };
        var command = new Command("sync", "Makes a folder of objects as a directory is, or the other way round.")
        {
            from, to, delete, dry,
        };
        return ObjectCommand.Finish(command, SyncExamples, async (client, result, cancellation) =>
        {
            (string source, string target) = (result.GetRequiredValue(from), result.GetRequiredValue(to));
            bool isUp = ObjectUrl.IsUrl(target);
            if (isUp == ObjectUrl.IsUrl(source))
            {
                throw new UsageException(
                    $"One of '{source}' and '{target}' has to be a directory, and the other a URL such as " +
                    "s3://data/text.");
            }

            ObjectUrl folder = ObjectArguments.Read(isUp ? target : source).AsFolder();
            string directory = isUp ? source : target;
            await using TransferDisplay display = TransferDisplay.OnConsole();
            SyncRun run = new(
                client, folder, directory, result.GetValue(delete), result.GetValue(dry), display);
            return await (isUp ? run.UpAsync(cancellation) : run.DownAsync(cancellation)).ConfigureAwait(false);
        });
    }

    /// <summary>Makes a URL that needs no key.</summary>
    public static Command Presign()
    {
        Argument<ObjectUrl> url = ObjectArguments.Url("URL", "The object; for --put it need not be there.");
        Option<bool> put = new("--put") { Description = "The URL is for writing the object, not for reading it." };
        Option<TimeSpan> expires = Expires();
        var command = new Command("presign", "Prints a URL by which an object can be read, or written, without a key.")
        {
            url, expires, put,
        };
        return ObjectCommand.Finish(command, PresignExamples, async (client, result, _) =>
        {
            ObjectUrl one = ObjectArguments.OneObject(result.GetRequiredValue(url), "A URL is for one object.");
            Uri signed = await client.PresignAsync(one, result.GetValue(expires), result.GetValue(put))
                .ConfigureAwait(false);
            Console.Out.WriteLine(signed.AbsoluteUri);
            return ExitCodes.Ok;
        });
    }

    private static Option<TimeSpan> Expires() => Bounded.Time(
        "--expires", "How long it holds:", TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), s_expiresMax);
}
