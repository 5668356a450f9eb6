using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>Files of one format, cut into byte ranges. The ranges depend on the files and the split size
/// alone.</summary>
internal sealed class FileNode<T>(int sourceId, string[] paths, FormatSpec<T> format, long splitBytes, string label)
    : PlanNode<T>, ISplitSource, ISizedSource
{
    [NotSent]
    private readonly string[] _paths = paths;

    [NotSent]
    private readonly long _splitBytes = splitBytes;

    [NotSent]
    private IReadOnlyList<FileSplit> _splits = [];

    public override IReadOnlyList<PlanNode> Parents => [];

    public override string Label => label;

    public int SourceId { get; } = sourceId;

    public long EstimateBytes() =>
        FileSplitter.Resolve(_paths).Sum(file => file.IsGzip ? file.Bytes * 5 : file.Bytes);

    public void WriteSplit(RecordWriter writer, int partition) =>
        RecordCodec.For<FileSplit>().Write(writer, _splits[partition]);

    public override IEnumerable<T> Compute(int partition, TaskContext context) =>
        format.Create().Read(
            Split(partition, context), new SkippedSink(context, format.SkippedRowsListedMax), context.Cancellation);

    /// <summary>
    /// The lines of a partition, several in one text with the line ends between them; null where a record is not a
    /// line as it stands in the file. They stay valid where chunks are kept, otherwise until the next one.
    /// </summary>
    public IEnumerable<Utf8Text>? LineRuns(int partition, bool keepsChunks, TaskContext context) =>
        format.Create() is Utf8TextFormat
            ? Utf8TextFormat.ReadRuns(Split(partition, context), keepsChunks, context.Cancellation)
            : null;

    private FileSplit Split(int partition, TaskContext context)
    {
        var reader = new RecordReader(context.Split(SourceId, partition).Span);
        return RecordCodec.For<FileSplit>().Read(ref reader);
    }

    protected override int CountPartitions(CancellationToken cancellation)
    {
        _splits = format.Create().Split(FileSplitter.Resolve(_paths, cancellation), _splitBytes, cancellation);
        return _splits.Count;
    }

    private sealed class SkippedSink(TaskContext context, int listedMax) : ISkippedRows
    {
        public void Report(RowError error) => context.SkipRow(error.File, error.ToString(), listedMax);
    }
}
