using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>Makes a folder of a store as a directory is, or the other way round.</summary>
internal sealed class SyncRun(
    ObjectClient client, ObjectUrl folder, string directory, bool mayDelete, bool isDry, TransferDisplay display)
{
    private readonly FolderTransfer _transfer = new(client, folder, directory, display);

    /// <summary>Makes the folder as the directory is.</summary>
    public async Task<int> UpAsync(CancellationToken cancellation)
    {
        Dictionary<string, LocalFile> here = ByName(LocalTree.Files(directory), static file => file.Name);
        Dictionary<string, RemoteFile> there =
            ByName(await _transfer.ListAsync(cancellation).ConfigureAwait(false), static file => file.Name);
        SyncPlan plan = await SyncPlan.OfAsync(
            InOrder(here, EntryOf), [.. InOrder(there, EntryOf)],
            name => HasSameContentAsync(here[name].Path, there[name].Info, cancellation)).ConfigureAwait(false);
        GuardDeletions(plan, here.Count, directory);
        if (isDry)
        {
            TellCopies("put", plan, name => _transfer.UrlOf(name).ToString());
        }
        else
        {
            await _transfer.UploadAsync(
                [.. plan.Copies.Select(copy => (here[copy.Name], $" ({copy.Why})"))], cancellation)
                .ConfigureAwait(false);
        }

        ObjectUrl[] gone = mayDelete ? [.. plan.Deletions.Select(_transfer.UrlOf)] : [];
        if (!isDry)
        {
            await client.DeleteAsync(gone, cancellation).ConfigureAwait(false);
        }

        TellDeletions(gone.Select(static url => url.ToString()));
        TellTotal("put", plan, plan.Copies.Sum(copy => here[copy.Name].Bytes));
        return ExitCodes.Ok;
    }

    /// <summary>Makes the directory as the folder is.</summary>
    /// <returns>1 where objects were left out, as they can't be files.</returns>
    public async Task<int> DownAsync(CancellationToken cancellation)
    {
        IReadOnlyList<RemoteFile> all = await _transfer.ListAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<RemoteFile> placeable = _transfer.Placeable(all);
        Dictionary<string, RemoteFile> there = ByName(placeable, static file => file.Name);
        Dictionary<string, LocalFile> here =
            ByName(Directory.Exists(directory) ? LocalTree.Files(directory) : [], static file => file.Name);
        SyncPlan plan = await SyncPlan.OfAsync(
            InOrder(there, EntryOf), [.. InOrder(here, EntryOf)],
            name => HasSameContentAsync(here[name].Path, there[name].Info, cancellation)).ConfigureAwait(false);
        GuardDeletions(plan, there.Count, folder.ToString());
        if (isDry)
        {
            TellCopies("get", plan, name => _transfer.ShownPath(there[name]));
        }
        else
        {
            await _transfer.DownloadAsync(
                [.. plan.Copies.Select(copy => (there[copy.Name], $" ({copy.Why})"))], cancellation)
                .ConfigureAwait(false);
        }

        string[] gone = mayDelete ? [.. plan.Deletions] : [];
        foreach (string name in isDry ? [] : gone)
        {
            File.Delete(here[name].Path);
        }

        TellDeletions(gone.Select(name => Path.Combine(directory, name)));
        TellTotal("got", plan, plan.Copies.Sum(copy => there[copy.Name].Info.Bytes));
        return placeable.Count == all.Count ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static SyncEntry EntryOf(LocalFile file) => new(file.Name, file.Bytes, file.ModifiedAt);

    private static SyncEntry EntryOf(RemoteFile file) => new(file.Name, file.Info.Bytes, file.Info.ModifiedAt);

    private static Dictionary<string, T> ByName<T>(IReadOnlyList<T> files, Func<T, string> name) =>
        files.ToDictionary(name, StringComparer.Ordinal);

    private static IEnumerable<SyncEntry> InOrder<T>(Dictionary<string, T> files, Func<T, SyncEntry> entry) =>
        files.Values.Select(entry).OrderBy(static one => one.Name, StringComparer.Ordinal);

    [SuppressMessage("Security", "CA5351", Justification = "S3 defines the entity tag as MD5.")]
    private static async Task<bool?> HasSameContentAsync(string path, ObjectInfo info, CancellationToken cancellation)
    {
        if (!SyncPlan.IsMd5(info.ETag))
        {
            return null;
        }

        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            byte[] digest = await MD5.HashDataAsync(file, cancellation).ConfigureAwait(false);
            return Convert.ToHexStringLower(digest).Equals(info.ETag, StringComparison.OrdinalIgnoreCase);
        }
    }

    // Mostly a slip of the pen, and it can't be undone.
    private void GuardDeletions(SyncPlan plan, int sources, string from)
    {
        if (mayDelete && sources == 0 && plan.Deletions.Count > 0)
        {
            throw new UsageException(
                $"There is nothing at '{from}', and --delete would delete all " +
                $"{TextForms.Count(plan.Deletions.Count, "file")} on the other side. Correct what is named; or " +
                "delete them yourself, if that is what you want.");
        }
    }

    private void TellCopies(string word, SyncPlan plan, Func<string, string> place)
    {
        foreach ((string name, string why) in plan.Copies)
        {
            display.Tell($"would {word} {TextForms.Printable(place(name))} ({why})");
        }
    }

    private void TellDeletions(IEnumerable<string> places)
    {
        foreach (string place in places)
        {
            display.Tell($"{(isDry ? "would " : "")}rm {TextForms.Printable(place)}");
        }
    }

    private void TellTotal(string word, SyncPlan plan, long bytes)
    {
        string gone = string.Create(CultureInfo.InvariantCulture, $", {plan.Deletions.Count:N0} deleted");
        string counts = string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Copies.Count:N0} {word}{(mayDelete ? gone : "")}, {plan.Same:N0} the same");
        display.Tell(isDry
            ? $"To do: {counts}; {TextForms.Bytes(bytes)}; nothing was done (--dry-run)"
            : $"{counts}; {display.Pace(bytes)}");
    }
}
