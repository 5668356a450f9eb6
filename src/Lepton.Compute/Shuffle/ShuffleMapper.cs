using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Writes the records of one map task to the partitions of its output.</summary>
internal abstract class ShuffleMapper<T> : ISendable
{
    /// <summary>Compiles the codec of what it writes.</summary>
    public virtual void CheckTypes() => RecordCodec.For<T>();

    public abstract void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context);
}
