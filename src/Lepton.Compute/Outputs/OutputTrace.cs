using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>
/// What an output leaves in an object store, known by its names alone: so it can be removed by whoever reads of it,
/// also when its job was killed.
/// </summary>
/// <param name="Folder">Where the output is.</param>
/// <param name="Unique">What all its parts' names have.</param>
/// <param name="Store">Which store.</param>
internal sealed record OutputTrace(ObjectUrl Folder, string Unique, string Store)
{
    // Long enough for any commit, of which parts without a marker are a trace, and for most jobs.
    private static readonly TimeSpan s_strangersAgeMin = TimeSpan.FromDays(1);

    public ObjectUrl Marker => Folder.Child(OutputFolder.Marker);

    private ObjectUrl PartBeginning => Folder.Child(ObjectManifest.PartBeginning);

    /// <summary>Whether an object is a part, of this output or of another one that was written here.</summary>
    public bool IsPart(ObjectUrl url) => url.Folder == Folder && ObjectManifest.IsPart(url.Name);

    /// <summary>Removes all of an output that did not appear; of one that did, the uploads that don't count.</summary>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task RemoveAsync(ObjectClient objects, CancellationToken cancellation)
    {
        List<ObjectUrl> own = [];
        await foreach (ObjectInfo info in objects.ListAsync(PartBeginning, cancellation).ConfigureAwait(false))
        {
            if (IsOwn(info.Url))
            {
                own.Add(info.Url);
            }
        }

        if (own.Count > 0 && !await HasAppearedAsync(objects, cancellation).ConfigureAwait(false))
        {
            await objects.DeleteAsync(own, cancellation).ConfigureAwait(false);
        }

        await AbortAsync(objects, upload => IsOwn(upload.Url), cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes what others left here: all that belonged to the output whose place this one took, and parts and uploads
    /// of others that are a day old, whose jobs were killed long ago.
    /// </summary>
    /// <param name="objects">The store.</param>
    /// <param name="replaced">The output whose place it took; null: there was none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task RemoveOthersAsync(
        ObjectClient objects, ObjectManifest? replaced, CancellationToken cancellation)
    {
        DateTimeOffset old = TimeProvider.System.GetUtcNow() - s_strangersAgeMin;
        HashSet<string> named = [.. replaced?.Parts ?? []];
        List<ObjectUrl> others = [];
        await foreach (ObjectInfo info in objects.ListAsync(Folder, cancellation).ConfigureAwait(false))
        {
            bool goes = IsPart(info.Url)
                ? !IsOwn(info.Url) && (named.Contains(info.Url.Name) || info.ModifiedAt < old)
                : replaced is not null && info.Url != Marker;
            if (goes)
            {
                others.Add(info.Url);
            }
        }

        await objects.DeleteAsync(others, cancellation).ConfigureAwait(false);
        await AbortAsync(objects, upload => !IsOwn(upload.Url) && upload.BegunAt < old, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Whether the output is what stands in its place.</summary>
    public async Task<bool> HasAppearedAsync(ObjectClient objects, CancellationToken cancellation)
    {
        ObjectInfo? marker = await objects.FindAsync(Marker, cancellation).ConfigureAwait(false);
        return marker is not null
            && (await ObjectManifest.ReadAsync(objects, marker, cancellation).ConfigureAwait(false))
                .Parts.Any(name => IsOwn(Folder.Child(name)));
    }

    private bool IsOwn(ObjectUrl url) =>
        IsPart(url) && url.Name.Contains($"-{Unique}.", StringComparison.Ordinal);

    private async Task AbortAsync(
        ObjectClient objects, Func<UnfinishedUpload, bool> isMeant, CancellationToken cancellation)
    {
        await foreach (UnfinishedUpload upload in objects.Uploads.ListAsync(PartBeginning, cancellation)
            .ConfigureAwait(false))
        {
            if (IsPart(upload.Url) && isMeant(upload))
            {
                await objects.Uploads.AbortAsync(upload.Url, upload.Id, cancellation).ConfigureAwait(false);
            }
        }
    }
}
