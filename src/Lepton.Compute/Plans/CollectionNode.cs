using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>A collection of the driver, cut into contiguous slices of nearly equal length.</summary>
internal sealed class CollectionNode<T>(int sourceId, IReadOnlyList<T> items, int partitions)
    : PlanNode<T>, ISplitSource, ISizedSource
{
    private const int ItemsMeasuredMax = 64;

    [NotSent]
    private readonly IReadOnlyList<T> _items = items;

    private readonly int _partitions = partitions;

    public override IReadOnlyList<PlanNode> Parents => [];

    public override string Label => "From";

    public int SourceId { get; } = sourceId;

    public long EstimateBytes()
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        using var writer = new RecordWriter();
        int measured = Math.Min(_items.Count, ItemsMeasuredMax);
        for (int i = 0; i < measured; i++)
        {
            codec.Write(writer, _items[(int)((long)i * _items.Count / measured)]);
        }

        return measured == 0 ? 0 : (long)writer.Length * _items.Count / measured;
    }

    public void WriteSplit(RecordWriter writer, int partition)
    {
        int start = Start(partition);
        int count = Start(partition + 1) - start;
        RecordCodec<T> codec = RecordCodec.For<T>();
        writer.WriteVarUInt64((ulong)count);
        for (int i = 0; i < count; i++)
        {
            codec.Write(writer, _items[start + i]);
        }
    }

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        ReadOnlyMemory<byte> split = context.Split(SourceId, partition);

        // Whatever is made of a record, however slowly, stops before the next one when the task is cancelled.
        return context.Watch(Decode(split.Span));
    }

    protected override int CountPartitions(CancellationToken cancellation) => _partitions;

    private static T[] Decode(ReadOnlySpan<byte> split)
    {
        var reader = new RecordReader(split);
        RecordCodec<T> codec = RecordCodec.For<T>();
        var records = new T[reader.ReadLength(0)];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = codec.Read(ref reader);
        }

        return records;
    }

    private int Start(int partition) => (int)((long)_items.Count * partition / _partitions);
}
