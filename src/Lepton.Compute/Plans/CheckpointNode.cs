using System.Globalization;
using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Outputs;
using Lepton.Compute.Session;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

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
        return context.Watch(RecordFile.Read<T>(path));
    }

    protected override int CountPartitions(CancellationToken cancellation) => _files;

    private async Task<int> SaveOnceAsync(ActionScope scope, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory))
        {
            await SaveAsync(scope, cancellation).ConfigureAwait(false);
        }

        return ReadMarker();
    }

    private async Task SaveAsync(ActionScope scope, CancellationToken cancellation)
    {
        using var folder = new OutputFolder(directory, new WriteOptions(), scope.OutputsInWork);
        string temporary = folder.TemporaryPath;
        PartFile[] parts = await scope.RunAsync(
            _parent, (records, context) => WritePart(records, context, temporary), cancellation).ConfigureAwait(false);
        scope.Complete(() => folder.Commit(
            [.. parts.Select(part => part.Name)], Extension,
            string.Create(CultureInfo.InvariantCulture, $"{parts.Length} {RecordShape.Of<T>()}")));
    }

    private static PartFile WritePart(IEnumerable<T> records, TaskContext context, string folder)
    {
        string name = $"{context.Partition}-{context.Copy}{Extension}";
        string path = Path.Combine(context.OpenOutput(folder), name);

        // On the disk before the marker, which says for good that all parts are whole.
        return new PartFile(name, RecordFile.Write(path, context.Watch(records), durable: true));
    }

    private int ReadMarker()
    {
        string marker = Path.Combine(directory, OutputFolder.Marker);
        string[] parts = File.Exists(marker) ? File.ReadAllText(marker).Split(' ', 2) : [];
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int files))
        {
            throw new IOException(
                $"'{directory}' is not a checkpoint: its {OutputFolder.Marker} file is missing or of another kind. " +
                "Give Checkpoint a directory of its own.");
        }

        string wanted = RecordShape.Of<T>();
        return parts[1] == wanted
            ? files
            : throw new IOException(
                $"The checkpoint '{directory}' holds records of {parts[1]}, and {wanted} was asked for. Use " +
                "another directory, or remove this one to have it made anew.");
    }
}
