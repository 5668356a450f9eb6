using Lepton.Compute.Datasets;
using Lepton.Compute.Outputs;
using Lepton.Compute.Planning;
using Lepton.Compute.Plans;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>What one attempt at one partition has at hand: its inputs, its share of memory, its counters. One thread
/// uses it.</summary>
internal sealed class TaskContext
{
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _splits;
    private readonly Dictionary<int, IReadOnlyList<OutputLocation>> _shuffles;
    private readonly Dictionary<string, SkippedRowsMessage> _skipped = new(StringComparer.Ordinal);
    private int _files;

    public TaskContext(
        ExecutorScope scope,
        TaskCopyMessage copy,
        IReadOnlyList<ShuffleLocations> inputs,
        CancellationToken cancellation)
    {
        Scope = scope;
        Copy = copy.Copy;
        Stage = copy.Stage;
        Partition = copy.Partition;
        Attempt = copy.Attempt;
        Cancellation = cancellation;
        _splits = SplitPayload.Read(ActionFiles.Unpack(copy.Payload));
        _shuffles = [];
        foreach (ShuffleLocations shuffle in inputs)
        {
            _shuffles[shuffle.Shuffle] = shuffle.Outputs;
        }
    }

    /// <summary>What all tasks of this executor share.</summary>
    public ExecutorScope Scope { get; }

    public long Copy { get; }

    public int Stage { get; }

    public int Partition { get; }

    public int Attempt { get; }

    public CancellationToken Cancellation { get; }

    public TaskMetrics Metrics { get; } = new();

    /// <summary>Cache blocks that this task put into its executor.</summary>
    public List<CachedBlock> Cached { get; } = [];

    /// <summary>Files that others read after this task; they go when its action is over.</summary>
    public List<string> KeptFiles { get; } = [];

    /// <summary>Rows that a reader left out, by file.</summary>
    public IEnumerable<SkippedRowsMessage> Skipped => _skipped.Values;

    /// <summary>
    /// Bytes that one operator (a hash table, a sorter) may hold before it spills. It follows from the options, never
    /// from what else runs at the moment, so that spilling, and with it the order of sums, is the same in every run.
    /// </summary>
    public long OperatorMemoryBytes => Scope.OperatorMemoryBytes;

    /// <summary>What the driver sent for the source <paramref name="sourceId"/> of this task.</summary>
    public ReadOnlyMemory<byte> Split(int sourceId, int partition)
    {
        if (_splits.TryGetValue(sourceId, out ReadOnlyMemory<byte> split))
        {
            return split;
        }

        throw new InvalidOperationException(
            $"Task {Stage}/{Partition} read partition {partition} of source {sourceId}, which was not sent with it.");
    }

    /// <summary>Where the outputs of a shuffle lie, by map partition.</summary>
    public IReadOnlyList<OutputLocation> ShuffleOutputs(int shuffleId) =>
        _shuffles.TryGetValue(shuffleId, out IReadOnlyList<OutputLocation>? outputs)
            ? outputs
            : throw new ShuffleFetchException(shuffleId, -1, "the outputs of this shuffle were not announced");

    /// <summary>A path for a new file of this task in its executor's directory.</summary>
    public string NewFile(string kind) =>
        Path.Combine(Scope.Directory, $"{kind}-{Stage}-{Partition}-{Copy}-{_files++}");

    /// <summary>
    /// Where a task writes its part of an output: where its job said; in a replay a folder that is thrown away.
    /// </summary>
    public PartPlace OpenOutput(PartPlace place) =>
        Scope.OutputFolder is { } folder ? new PartPlace(folder, "") : place;

    /// <summary>Passes records on and ends the enumeration when the task is cancelled.</summary>
    public IEnumerable<T> Watch<T>(IEnumerable<T> records)
    {
        CancellationToken cancellation = Cancellation;
        foreach (T record in records)
        {
            // At each record: a look costs less than a step of the enumerator, and one record can take seconds to make.
            cancellation.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    /// <summary>The part of this context that user code may see.</summary>
    public PartitionContext ForUser(int partition) => new(partition, Attempt, Scope.WorkerName, Cancellation);

    /// <summary>Counts a row that was left out, and keeps the first few as samples.</summary>
    public void SkipRow(string file, string sample, int samplesMax)
    {
        if (!_skipped.TryGetValue(file, out SkippedRowsMessage? rows))
        {
            rows = new SkippedRowsMessage { File = file };
            _skipped.Add(file, rows);
        }

        rows.Count++;
        if (rows.Samples.Count < samplesMax)
        {
            rows.Samples.Add(sample);
        }
    }
}
