using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>Files between a directory and a folder of a store, several at once. The first failure ends all.</summary>
internal sealed class FolderTransfer(
    ObjectClient client, ObjectUrl folder, string directory, TransferDisplay display)
{
    private const int FilesAtOnce = 8;
    private readonly string _directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));

    /// <summary>The objects below the folder, but for what consoles put there to show an empty one.</summary>
    public async Task<IReadOnlyList<RemoteFile>> ListAsync(CancellationToken cancellation)
    {
        List<RemoteFile> files = [];
        await foreach (ObjectInfo info in client.ListAsync(folder, cancellation).ConfigureAwait(false))
        {
            string name = info.Url.Key[folder.Key.Length..];
            if (!(info.Bytes == 0 && (name.Length == 0 || name.EndsWith('/'))))
            {
                files.Add(new RemoteFile(name, info));
            }
        }

        return files;
    }

    /// <summary>
    /// Those of them that can be files here. The others are told on standard error: names that would lead out of the
    /// directory, and those below what is a file itself.
    /// </summary>
    public IReadOnlyList<RemoteFile> Placeable(IReadOnlyList<RemoteFile> files)
    {
        HashSet<string> names = [.. files.Select(static file => file.Name)];
        List<RemoteFile> placed = [];
        foreach (RemoteFile file in files)
        {
            string? wrong = LocalTree.Place(_directory, file.Name) is null ? "its name is no path below a directory"
                : Above(file.Name).FirstOrDefault(names.Contains) is { } other ? $"'{other}' is a file already"
                : null;
            if (wrong is null)
            {
                placed.Add(file);
            }
            else
            {
                Console.Error.WriteLine(
                    $"lepton: left out {TextForms.Printable(file.Info.Url.ToString())}: " +
                    $"{TextForms.Printable(wrong)}.");
            }
        }

        return placed;
    }

    /// <summary>Where an object of <see cref="Placeable"/> is written.</summary>
    public string PathOf(RemoteFile file) => LocalTree.Place(_directory, file.Name)!;

    /// <summary>The URL of a file.</summary>
    public ObjectUrl UrlOf(string name) => folder with { Key = folder.Key + name };

    public Task UploadAsync(
        IReadOnlyList<(LocalFile File, string Why)> files, CancellationToken cancellation) =>
        ForEachAsync(files, static file => file.Bytes, async (file, why, token) =>
        {
            ObjectUrl url = UrlOf(file.Name);
            await client.UploadAsync(file.Path, url, display, token).ConfigureAwait(false);
            display.Tell($"put {TextForms.Printable(url.ToString())}{why}");
        }, cancellation);

    public Task DownloadAsync(
        IReadOnlyList<(RemoteFile File, string Why)> files, CancellationToken cancellation) =>
        ForEachAsync(files, static file => file.Info.Bytes, async (file, why, token) =>
        {
            string place = PathOf(file);
            LocalTree.MakeRoom(_directory, place);
            long there = await client.ResumeDownloadAsync(file.Info.Url, place, display, token).ConfigureAwait(false);
            display.Tell($"get {TextForms.Printable(ShownPath(file))}{why}{TextForms.Resumed(there)}");
        }, cancellation);

    /// <summary>A path as the user wrote the directory.</summary>
    public string ShownPath(RemoteFile file) => Path.Combine(directory, file.Name);

    private async Task ForEachAsync<TFile>(
        IReadOnlyList<(TFile File, string Why)> files, Func<TFile, long> bytes,
        Func<TFile, string, CancellationToken, Task> move, CancellationToken cancellation)
    {
        display.Expect(files.Sum(file => bytes(file.File)));
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(
            files, options, async (file, token) => await move(file.File, file.Why, token).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private static IEnumerable<string> Above(string name)
    {
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0;
            slash = name.IndexOf('/', slash + 1))
        {
            yield return name[..slash];
        }
    }
}
