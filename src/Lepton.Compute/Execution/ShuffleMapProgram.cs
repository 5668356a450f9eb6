using Lepton.Compute.Plans;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>The map side of a shuffle: one output file a task; the result is its path.</summary>
internal sealed class ShuffleMapProgram<T>(PlanNode<T> node, ShuffleMapper<T> mapper, int partitionCount) : StageProgram
{
    public override void CheckTypes() => mapper.CheckTypes();

    public override void Run(TaskContext context, RecordWriter result)
    {
        using var writer = new PartitionedFileWriter(
            context.NewFile("shuffle"), partitionCount, context.OperatorMemoryBytes, context.Cancellation);
        using (ShuffleSink<T> sink = mapper.Open(writer, context))
        {
            node.Push(context.Partition, context, sink);
            sink.Complete();
        }

        writer.Complete();
        context.KeptFiles.Add(writer.Path);
        context.Metrics.ShuffleWrittenBytes += writer.BytesWritten;
        context.Metrics.RowsOut += writer.Records;
        result.WriteString(writer.Path);
    }
}
