using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Map-side combining: folds the records of a key before they are written. See
/// <see cref="CombineSink{T,TKey,TState,TFold}"/>.</summary>
internal sealed class CombineMapper<T, TKey, TState, TFold>(TFold fold, int partitionCount) : ShuffleMapper<T>
    where TFold : struct, IFold<T, TKey, TState>
{
    public override void CheckTypes() => RecordCodec.For<KeyValuePair<TKey, TState>>();

    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new CombineSink<T, TKey, TState, TFold>(fold, new KeyedOutput<TKey, TState>(output, partitionCount), context);
}
