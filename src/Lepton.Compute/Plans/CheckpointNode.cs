using System.Globalization;
using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Functions;
using Lepton.Compute.Outputs;
using Lepton.Compute.Session;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;
using Lepton.Objects;

namespace Lepton.Compute.Plans;

/// <summary>
/// Partitions saved in files. They are written by a job of its own when the directory is not there yet.
/// </summary>
internal sealed class CheckpointNode<T>(PlanNode<T> parent, string directory) : PlanNode<T>, IResolvable
{
    private const string Extension = ".records";

    [NotSent]
    private readonly PlanNode<T> _parent = parent;

    [NotSent]
    private readonly OnceAsync<int> _saved = new();

    [NotSent]
    private int _files = -1;

    // In an object store, where parts have other names.
    private string[] _objects = [];

    public override IReadOnlyList<PlanNode> Parents => [];

    public override string Label => $"Checkpoint {Path.GetFileName(directory)}";

    public async Task ResolveAsync(ActionScope scope, CancellationToken cancellation)
    {
        _files = await _saved.GetAsync(() => SaveOnceAsync(scope, cancellation), cancellation).ConfigureAwait(false);
    }

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        string path = Path.Combine(directory,
            string.Create(CultureInfo.InvariantCulture, $"part-{partition:00000}{Extension}"));
        return context.Watch(ObjectUrl.TryParse(directory, out ObjectUrl folder)
            ? ReadObject(folder.Child(_objects[partition]), context)
            : RecordFile.Read<T>(path));
    }

    protected override int CountPartitions(CancellationToken cancellation) => _files;

    private async Task<int> SaveOnceAsync(ActionScope scope, CancellationToken cancellation)
    {
        if (ObjectUrl.TryParse(directory, out ObjectUrl folder))
        {
            return await SaveObjectsAsync(folder, scope, cancellation).ConfigureAwait(false);
        }

        if (!Directory.Exists(directory))
        {
            await SaveAsync(scope, cancellation).ConfigureAwait(false);
        }

        string marker = Path.Combine(directory, OutputFolder.Marker);
        return ReadMarker(File.Exists(marker) ? await File.ReadAllTextAsync(marker, cancellation) : "");
    }

    private async Task<int> SaveObjectsAsync(ObjectUrl folder, ActionScope scope, CancellationToken cancellation)
    {
        if (await FindMarkerAsync(folder, cancellation).ConfigureAwait(false) is null)
        {
            await SaveAsync(scope, cancellation).ConfigureAwait(false);
        }

        ObjectManifest? marker = await FindMarkerAsync(folder, cancellation).ConfigureAwait(false);
        int files = ReadMarker(marker?.Note ?? "");
        _objects = [.. marker!.Parts];
        return files == _objects.Length ? files : throw NoCheckpoint();
    }

    private static Task<ObjectManifest?> FindMarkerAsync(ObjectUrl folder, CancellationToken cancellation) =>
        ProcessStore.AskAsync(folder, async objects =>
            await objects.FindAsync(folder.Child(OutputFolder.Marker), cancellation).ConfigureAwait(false) is { } marker
                ? await ObjectManifest.ReadAsync(objects, marker, cancellation).ConfigureAwait(false)
                : null);

    // Blocks are found by their offsets: it is read from a file of this worker.
    private static IEnumerable<T> ReadObject(ObjectUrl url, TaskContext context)
    {
        string path = context.NewFile("checkpoint");
        try
        {
            ProcessStore.Ask(url, async objects =>
            {
                await objects.DownloadAsync(url, path, cancellationToken: context.Cancellation).ConfigureAwait(false);
                return true;
            });
            foreach (T record in RecordFile.Read<T>(path))
            {
                yield return record;
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task SaveAsync(ActionScope scope, CancellationToken cancellation)
    {
        IOutput output = await IOutput.OpenAsync(directory, new WriteOptions(), scope.OutputsInWork, cancellation)
            .ConfigureAwait(false);
        await using var disposal = output.ConfigureAwait(false);
        PartPlace place = output.Place;
        PartFile[] parts = await scope.RunAsync(
            _parent, (records, context) => WritePart(records, context, place), cancellation).ConfigureAwait(false);
        string marker = string.Create(CultureInfo.InvariantCulture, $"{parts.Length} {RecordShape.Of<T>()}");
        await scope.CompleteAsync(() => output.CommitAsync(parts, Extension, marker, cancellation))
            .ConfigureAwait(false);
    }

    private static PartFile WritePart(IEnumerable<T> records, TaskContext context, PartPlace place)
    {
        PartPlace open = context.OpenOutput(place);
        if (ObjectUrl.IsUrl(open.Folder))
        {
            return WriteObject(records, context, open);
        }

        string name = $"{context.Partition}-{context.Copy}{Extension}";
        string path = Path.Combine(open.Folder, name);

        // On the disk before the marker, which says for good that all parts are whole.
        return new PartFile(name, RecordFile.Write(path, context.Watch(records), durable: true));
    }

    private static PartFile WriteObject(IEnumerable<T> records, TaskContext context, PartPlace place)
    {
        string path = context.NewFile("checkpoint");
        long rows = RecordFile.Write(path, context.Watch(records));
        try
        {
            return place.Write(context.Partition, context.Copy, Extension, durable: true, Copy, context.Cancellation);
        }
        finally
        {
            File.Delete(path);
        }

        long Copy(Stream into)
        {
            using FileStream file = File.OpenRead(path);
            file.CopyTo(into);
            return rows;
        }
    }

    private IOException NoCheckpoint() => new(
        $"'{directory}' is not a checkpoint: its {OutputFolder.Marker} file is missing or of another kind. Give " +
        "Checkpoint a directory of its own.");

    private int ReadMarker(string text)
    {
        string[] parts = text.Split(' ', 2);
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int files))
        {
            throw NoCheckpoint();
        }

        string wanted = RecordShape.Of<T>();
        return parts[1] == wanted
            ? files
            : throw new IOException(
                $"The checkpoint '{directory}' holds records of {parts[1]}, and {wanted} was asked for. Use " +
                "another directory, or remove this one to have it made anew.");
    }
}
