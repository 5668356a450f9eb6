using Lepton.Compute.Outputs;
using Lepton.Objects;

namespace Lepton.Compute.Formats;

/// <summary>
/// Finds the objects that an <c>s3://</c> path names, by the rules of files: an object, what lies right in a folder, or
/// what matches a pattern. Of a folder that is an output, only what that wrote whole counts.
/// </summary>
internal sealed class ObjectPaths
{
    // An output can be replaced while it is looked at, but hardly twice.
    private const int LooksMax = 4;
    private readonly ObjectClient _objects;
    private readonly string _given;
    private readonly ObjectUrl _url;
    private readonly CancellationToken _cancellation;

    private ObjectPaths(ObjectClient objects, string given, ObjectUrl url, CancellationToken cancellation) =>
        (_objects, _given, _url, _cancellation) = (objects, given, url, cancellation);

    /// <summary>The objects, in no particular order, with the versions that they have now.</summary>
    /// <exception cref="SourceException">There are none, or the store refuses.</exception>
    /// <exception cref="ObjectException">The store can't be reached.</exception>
    public static IEnumerable<SourceFile> Resolve(string given, CancellationToken cancellation)
    {
        if (!ObjectUrl.TryParse(given, out ObjectUrl url) || GlobPattern.IsPattern(url.Bucket))
        {
            throw new SourceNotFoundException(
                given, $"'{given}' names no bucket. Write it like s3://bucket/folder/name; patterns are for what " +
                "stands behind the bucket.");
        }

        IReadOnlyList<ObjectInfo> found = ProcessStore.Ask(
            url, objects => new ObjectPaths(objects, given, url, cancellation).FindAsync());
        return found.Select(static one => new SourceFile(one.Url.ToString(), one.Bytes, one.ETag));
    }

    private async Task<IReadOnlyList<ObjectInfo>> FindAsync()
    {
        if (_url.Key.Length > 0 && !_url.Key.EndsWith('/')
            && await _objects.FindAsync(_url, _cancellation).ConfigureAwait(false) is { } one)
        {
            return [one];
        }

        for (int look = 0; look < LooksMax; look++)
        {
            if (await LookAsync().ConfigureAwait(false) is { } found)
            {
                return found;
            }
        }

        throw new StoreRefusedException(
            _url.ToString(), $"'{_given}' is being replaced all the time, or parts of it were deleted: its " +
            $"{OutputFolder.Marker} names objects that are not there. Try again when whoever writes it is done, or " +
            "write it anew.");
    }

    // Null where an output was replaced meanwhile.
    private Task<IReadOnlyList<ObjectInfo>?> LookAsync() =>
        GlobPattern.IsPattern(_url.Key) ? MatchAsync(new KeyPattern(_url.Key)) : ListFolderAsync();

    private async Task<IReadOnlyList<ObjectInfo>?> ListFolderAsync()
    {
        (IReadOnlyList<ObjectUrl> folders, IReadOnlyList<ObjectInfo> objects) =
            await _objects.ListLevelAsync(_url.AsFolder(), _cancellation).ConfigureAwait(false);
        ObjectInfo[] inside = [.. objects.Where(static info => info.Url.Name.Length > 0)];
        IReadOnlyList<ObjectInfo>? whole = await WholeAsync(inside, IsShown).ConfigureAwait(false);
        if (whole is not { Count: 0 })
        {
            return whole;
        }

        if (inside.Any(static info => ObjectManifest.IsPart(info.Url.Name)))
        {
            throw new SourceNotFoundException(
                _url.ToString(), $"{_url.AsFolder()} holds parts of an output, but no {OutputFolder.Marker}: it is " +
                "being written, or its job was killed. Read it when it is there; or write it again.");
        }

        throw inside.Length + folders.Count > 0
            ? new SourceNotFoundException(
                _url.ToString(), $"{_url.AsFolder()} holds no objects to read (names that start with '_' or '.' " +
                $"don't count, and folders in it are not entered). Name the objects, or use {_url.Child("**")} for " +
                "all below it.")
            : await NotFoundAsync().ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ObjectInfo>?> MatchAsync(KeyPattern pattern)
    {
        List<ObjectInfo> found = [];
        ObjectUrl beginning = _url with { Key = pattern.Beginning };
        await foreach (ObjectInfo info in _objects.ListAsync(beginning, _cancellation).ConfigureAwait(false))
        {
            if (pattern.Matches(info.Url.Key) || info.Url.Name == OutputFolder.Marker)
            {
                found.Add(info);
            }
        }

        IReadOnlyList<ObjectInfo>? whole = await WholeAsync(found, info => pattern.Matches(info.Key))
            .ConfigureAwait(false);
        return whole is not { Count: 0 }
            ? whole
            : throw new SourceNotFoundException(
                _url.ToString(), $"The pattern '{_given}' matches no object. '*' and '?' stand for parts of one " +
                "name, '**' for any folders, and names that start with '_' or '.' are left out, as are outputs that " +
                $"are not whole yet. 'lepton object ls {beginning}' shows what there is.");
    }

    /// <summary>Leaves out what no output's marker names, or whose marker is not there yet.</summary>
    private async Task<IReadOnlyList<ObjectInfo>?> WholeAsync(
        IReadOnlyList<ObjectInfo> found, Func<ObjectUrl, bool> isWanted)
    {
        List<ObjectInfo> whole = [];
        foreach (IGrouping<ObjectUrl, ObjectInfo> folder in found.GroupBy(static info => info.Url.Folder))
        {
            ObjectInfo[] wanted = [.. folder.Where(info => isWanted(info.Url))];
            ObjectInfo? marker = folder.FirstOrDefault(static info => info.Url.Name == OutputFolder.Marker);
            if (marker is null)
            {
                whole.AddRange(wanted.Where(static info => !ObjectManifest.IsPart(info.Url.Name)));
                continue;
            }

            IReadOnlyList<ObjectInfo>? named = await NamedAsync(marker, wanted, isWanted).ConfigureAwait(false);
            if (named is null)
            {
                return null;
            }

            whole.AddRange(named);
        }

        return whole;
    }

    private async Task<IReadOnlyList<ObjectInfo>?> NamedAsync(
        ObjectInfo marker, ObjectInfo[] wanted, Func<ObjectUrl, bool> isWanted)
    {
        ObjectManifest manifest;
        try
        {
            manifest = await ObjectManifest.ReadAsync(_objects, marker, _cancellation).ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.IsNotFound)
        {
            return null;
        }

        if (manifest.Parts.Count == 0)
        {
            return wanted;
        }

        Dictionary<string, ObjectInfo> byName = wanted.ToDictionary(static info => info.Url.Name);
        string[] names = [.. manifest.Parts.Where(name => isWanted(marker.Url.Folder.Child(name)))];
        return names.All(byName.ContainsKey) ? [.. names.Select(name => byName[name])] : null;
    }

    private async Task<SourceNotFoundException> NotFoundAsync()
    {
        ObjectUrl above = _url.Key.EndsWith('/') ? (_url with { Key = _url.Key.TrimEnd('/') }).Folder : _url.Folder;
        (IReadOnlyList<ObjectUrl> folders, IReadOnlyList<ObjectInfo> objects) =
            await _objects.ListLevelAsync(above, _cancellation).ConfigureAwait(false);
        string name = _url.Key.TrimEnd('/')[above.Key.Length..];
        string? near = NearestName.Find(
            name, folders.Select(folder => folder.Key[above.Key.Length..].TrimEnd('/'))
                .Concat(objects.Select(static info => info.Url.Name)));
        string hint = near is null
            ? $"Nothing in {above} has a name like '{name}'."
            : $"The nearest name in {above} is '{near}'.";
        return new SourceNotFoundException(
            _url.ToString(), $"There is no object {_url}, and no folder of that name. {hint} Correct the path.");
    }

    private static bool IsShown(ObjectUrl url) => !GlobPattern.IsHidden(url.Name);
}
