using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Objects;

namespace Lepton.Compute.Outputs;

/// <summary>
/// An output in an object store. Tasks send their parts as uploads that are not finished; a commit finishes those that
/// count, under names that no other output has, and then writes the marker, which names them: that one request makes
/// the output appear, or takes the place of the one before, whose objects go last. Disposing it aborts the other
/// uploads, and deletes what was finished in vain.
/// </summary>
internal sealed class ObjectOutput : IOutput
{
    private const int FinishedAtOnce = 8;
    private const int MarkersMax = 5;
    private static readonly TimeSpan s_removalTimeMax = TimeSpan.FromSeconds(30);
    private readonly ObjectClient _objects;
    private readonly ObjectUrl _folder;
    private readonly WriteOptions _options;
    private readonly OutputTrace _trace;

    private ObjectOutput(ObjectClient objects, ObjectUrl folder, WriteOptions options)
    {
        (_objects, _folder, _options) = (objects, folder, options);
        _trace = new OutputTrace(folder, OutputFolder.NewUnique(), objects.StoreName);
        Path = folder.ToString().TrimEnd('/');
        Place = new PartPlace(folder.ToString(), _trace.Unique);
    }

    public string Path { get; }

    public PartPlace Place { get; }

    /// <inheritdoc cref="IOutput.OpenAsync"/>
    public static Task<IOutput> OpenAsync(
        string path, WriteOptions options, OutputsInWork inWork, CancellationToken cancellation)
    {
        if (!ObjectUrl.TryParse(path, out ObjectUrl url) || url.Key.Trim('/').Length == 0)
        {
            throw new IOException(
                $"The output '{path}' names no folder: an output needs one of its own. Write it like " +
                "s3://bucket/folder.");
        }

        ObjectUrl folder = (url with { Key = url.Key.TrimEnd('/') }).AsFolder();
        return ProcessStore.AskAsync<IOutput>(folder, async objects =>
        {
            ObjectOutput output = new(objects, folder, options);
            await output.RequireFreeAsync(
                "is there already. Choose another folder, remove it, or set WriteOptions.Overwrite.", cancellation)
                .ConfigureAwait(false);
            inWork.Note(output._trace);
            return output;
        });
    }

    /// <inheritdoc/>
    public Task CommitAsync(
        IReadOnlyList<PartFile> parts, string extension, string markerText, CancellationToken cancellation) =>
        ProcessStore.AskAsync(_folder, async _ =>
        {
            await Parallel.ForEachAsync(
                parts,
                new ParallelOptions { MaxDegreeOfParallelism = FinishedAtOnce, CancellationToken = cancellation },
                async (part, token) => await FinishAsync(part, token).ConfigureAwait(false)).ConfigureAwait(false);
            ObjectManifest manifest = new(markerText, [.. parts.Select(static part => part.Name)]);
            ObjectManifest? replaced = await AppearAsync(manifest, cancellation).ConfigureAwait(false);
            await RemoveOthersAsync(replaced, cancellation).ConfigureAwait(false);
            return true;
        });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(s_removalTimeMax);
        try
        {
            await _trace.RemoveAsync(_objects, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectException or OperationCanceledException)
        {
            // What stopped the output stops this too. The session looks again at its end, by the note.
            return;
        }
    }

    private async Task FinishAsync(PartFile part, CancellationToken cancellation)
    {
        ObjectUrl url = _folder.Child(part.Name);
        try
        {
            await _objects.Uploads.FinishAsync(new StagedObject(url, part.UploadId, part.ETags), cancellation)
                .ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.IsNotFound)
        {
            // Where the answer to a first request was lost, a second one finds it done. Nobody else has that name.
            if (await _objects.FindAsync(url, cancellation).ConfigureAwait(false) is null)
            {
                throw;
            }
        }
    }

    /// <summary>Writes the marker, and gives the one whose place it took.</summary>
    private async Task<ObjectManifest?> AppearAsync(ObjectManifest manifest, CancellationToken cancellation)
    {
        byte[] text = manifest.ToBytes();
        for (int attempt = 0; attempt < MarkersMax; attempt++)
        {
            const string Refusal = "was made by somebody else while this job ran. Nothing of it was changed.";
            ObjectInfo? marker = await RequireFreeAsync(Refusal, cancellation).ConfigureAwait(false);
            ObjectManifest? replaced = await ReadAsync(marker, cancellation).ConfigureAwait(false);

            // One whose answer was lost is made again, and then finds itself.
            if (await _objects.TryPutAsync(_trace.Marker, text, marker?.ETag, cancellation).ConfigureAwait(false)
                || await _trace.HasAppearedAsync(_objects, cancellation).ConfigureAwait(false))
            {
                return replaced;
            }
        }

        throw new IOException(
            $"The output '{Path}' is being written by others all the time. Nothing of it was changed. Have each job " +
            "write to a folder of its own.");
    }

    // A marker that goes meanwhile makes the put fail that was to replace it.
    private async Task<ObjectManifest?> ReadAsync(ObjectInfo? marker, CancellationToken cancellation)
    {
        try
        {
            return marker is null
                ? null
                : await ObjectManifest.ReadAsync(_objects, marker, cancellation).ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>The marker that may be replaced; null where nothing is there.</summary>
    private async Task<ObjectInfo?> RequireFreeAsync(string refusal, CancellationToken cancellation)
    {
        ObjectUrl file = _folder with { Key = _folder.Key.TrimEnd('/') };
        if (await _objects.FindAsync(file, cancellation).ConfigureAwait(false) is not null)
        {
            throw new IOException(
                $"The output '{Path}' is an object, and an output is a folder. Choose another name, or remove it.");
        }

        ObjectInfo? marker = await _objects.FindAsync(_trace.Marker, cancellation).ConfigureAwait(false);
        bool isThere = marker is not null || await IsInUseAsync(cancellation).ConfigureAwait(false);
        if (!isThere)
        {
            return null;
        }

        if (!_options.Overwrite)
        {
            throw new IOException($"The output '{Path}' {refusal}");
        }

        return marker ?? throw new IOException(
            $"The folder '{Path}' is no output: it holds objects and no {OutputFolder.Marker}. " +
            "WriteOptions.Overwrite would delete them, so it is refused. Choose another folder, or remove this one " +
            "yourself.");
    }

    /// <summary>Whether there is anything but the folder itself, and parts of outputs that never appeared.</summary>
    private async Task<bool> IsInUseAsync(CancellationToken cancellation)
    {
        await foreach (ObjectInfo info in _objects.ListAsync(_folder, cancellation).ConfigureAwait(false))
        {
            if (info.Url != _folder && !_trace.IsPart(info.Url))
            {
                return true;
            }
        }

        return false;
    }

    // The output is whole and alone counts: what can't be removed takes room, no more.
    private async Task RemoveOthersAsync(ObjectManifest? replaced, CancellationToken cancellation)
    {
        try
        {
            await _trace.RemoveOthersAsync(_objects, replaced, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectException or OperationCanceledException)
        {
            return;
        }
    }
}
