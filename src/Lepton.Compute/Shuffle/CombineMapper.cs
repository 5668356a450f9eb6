using Lepton.Compute.Execution;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Map-side combining: folds the records of a key before they are written, so that a key crosses the shuffle once a
/// map task (once a
/// table, where the table outgrows its memory). Where keys hardly repeat, folding them costs a cache miss a record
/// and saves
/// little: after a trial the rest of the task passes its records on unfolded ("adaptive partial aggregation", as in
/// database engines). The trial looks at the data alone, so every attempt does the same.
/// </summary>
internal sealed class CombineMapper<T, TKey, TState>(
    Func<T, TKey> key, Func<TKey, TState> seed, Func<TState, T, TState> accumulate,
        int partitionCount) : ShuffleMapper<T>
{
    private const int TrialKeys = 1 << 15;
    private const int TrialRecordsMin = 3 * TrialKeys;
    private const int CancellationCheckRecords = 1024;

    public override void CheckTypes() => RecordCodec.For<KeyValuePair<TKey, TState>>();

    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        using IEnumerator<T> source = records.GetEnumerator();
        if (Combine(source, output, context))
        {
            Pass(source, output, context);
        }
    }

    /// <summary>Folds records; true when it gave up folding before the source ended.</summary>
    private bool Combine(IEnumerator<T> source, PartitionedFileWriter output, TaskContext context)
    {
        using var table = new KeyedTable<TKey, TState>(context.OperatorMemoryBytes);
        int seen = 0;
        bool onTrial = true;
        while (source.MoveNext())
        {
            T record = source.Current;
            TKey k = key(record);
            ref TState state = ref table.GetOrAdd(k, out bool added);
            state = accumulate(added ? seed(k) : state, record);
            if (table.IsFull(k, ref state))
            {
                Flush(table, output);
            }

            if ((++seen & (CancellationCheckRecords - 1)) == 0)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                if (onTrial && table.Count >= TrialKeys)
                {
                    onTrial = false;
                    if (seen < TrialRecordsMin)
                    {
                        Flush(table, output);
                        return true;
                    }
                }
            }
        }

        Flush(table, output);
        return false;
    }

    private void Pass(IEnumerator<T> source, PartitionedFileWriter output, TaskContext context)
    {
        StableHasher<TKey> hasher = StableHasher<TKey>.Default;
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        int untilCheck = CancellationCheckRecords;
        while (source.MoveNext())
        {
            T record = source.Current;
            TKey k = key(record);
            Write(new KeyValuePair<TKey, TState>(k, accumulate(seed(k), record)), hasher, codec, output);
            if (--untilCheck == 0)
            {
                untilCheck = CancellationCheckRecords;
                context.Cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private void Flush(KeyedTable<TKey, TState> table, PartitionedFileWriter output)
    {
        StableHasher<TKey> hasher = StableHasher<TKey>.Default;
        RecordCodec<KeyValuePair<TKey, TState>> codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
        foreach (KeyValuePair<TKey, TState> entry in table.Entries())
        {
            Write(entry, hasher, codec, output);
        }

        table.Clear();
    }

    private void Write(
        KeyValuePair<TKey, TState> entry,
        StableHasher<TKey> hasher,
        RecordCodec<KeyValuePair<TKey, TState>> codec,
        PartitionedFileWriter output)
    {
        int partition = HashBuckets.Of(hasher.Hash(entry.Key), partitionCount);
        RecordWriter buffer = output.BeginRecord(partition);
        codec.Write(buffer, entry);
        output.EndRecord(partition, buffer);
    }
}
