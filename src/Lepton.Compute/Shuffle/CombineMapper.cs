using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Map-side combining: folds the records of a key before they are written. See
/// <see cref="CombineSink{T,TKey,TState}"/>.</summary>
internal sealed class CombineMapper<T, TKey, TState>(
    Func<T, TKey> key, Func<TKey, TState> seed, Func<TState, T, TState> accumulate, int partitionCount)
    : ShuffleMapper<T>
{
    public override void CheckTypes() => RecordCodec.For<KeyValuePair<TKey, TState>>();

    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new CombineSink<T, TKey, TState>(key, seed, accumulate, new KeyedOutput<TKey, TState>(output, partitionCount),
            context);
}
