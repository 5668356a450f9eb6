using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Decides which records of a map task go to which partition of its output.</summary>
internal abstract class ShuffleMapper<T>
{
    /// <summary>Compiles the codec of what it writes.</summary>
    public virtual void CheckTypes() => RecordCodec.For<T>();

    /// <summary>Starts one map task, whose records go through the sink to <paramref name="output"/>.</summary>
    public abstract ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context);
}
