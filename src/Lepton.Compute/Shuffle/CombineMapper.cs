using Lepton.Compute.Execution;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Map-side combining: folds the records of a key before they are written, so that a key crosses the shuffle once a map task (once a table,
/// where the table outgrows its memory).
/// </summary>
internal sealed class CombineMapper<T, TKey, TState>(
    Func<T, TKey> key, Func<TKey, TState> seed, Func<TState, T, TState> accumulate, int partitionCount) : ShuffleMapper<T>
{
    public override void CheckTypes() => RecordCodec.For<KeyValuePair<TKey, TState>>();

    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        using var table = new KeyedTable<TKey, TState>(context.OperatorMemoryBytes);
        foreach (T record in context.Watch(records))
        {
            TKey k = key(record);
            ref TState state = ref table.GetOrAdd(k, out bool added);
            state = accumulate(added ? seed(k) : state, record);
            if (table.IsFull(k, ref state))
            {
                Flush(table, output);
            }
        }

        Flush(table, output);
    }

    private void Flush(KeyedTable<TKey, TState> table, PartitionedFileWriter output)
    {
        StableHasher<TKey> hasher = StableHasher<TKey>.Default;
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        foreach (KeyValuePair<TKey, TState> entry in table.Entries())
        {
            int partition = HashBuckets.Of(hasher.Hash(entry.Key), partitionCount);
            RecordWriter buffer = output.BeginRecord(partition);
            codec.Write(buffer, entry);
            output.EndRecord(partition, buffer);
        }

        table.Clear();
    }
}
