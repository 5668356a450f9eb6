using System.Runtime.CompilerServices;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Folds the records of a key into one state, so that a key crosses the shuffle once a map task (once a table, where
/// the table outgrows its memory). Where keys hardly repeat, folding them costs a cache miss a record and saves little:
/// after a trial the rest of the task passes its records on unfolded ("adaptive partial aggregation", as in database
/// engines). The trial looks at the data alone, so every attempt does the same.
/// </summary>
internal sealed class CombineSink<T, TKey, TState, TFold>(
    TFold fold, KeyedOutput<TKey, TState> output, TaskContext context)
    : ShuffleSink<T>, ITextSliceSink
    where TFold : struct, IFold<T, TKey, TState>
{
    private const int TrialKeys = 1 << 15;
    private const int TrialRecordsMin = 3 * TrialKeys;
    private const int CheckEvery = 1024;
    private readonly KeyedTable<TKey, TState> _table = new(context.OperatorMemoryBytes);
    private long _seen;
    private int _untilCheck = CheckEvery;
    private bool _onTrial = true;
    private bool _folds = true;

    public override void Add(T record)
    {
        if (_folds)
        {
            Fold(record);
        }
        else
        {
            Pass(record);
        }

        if (--_untilCheck == 0)
        {
            Check();
        }
    }

    public override void AddRange(ReadOnlySpan<T> records)
    {
        if (!KeyedTable<TKey, TState>.TakesMany)
        {
            // As the base does it, but here the compiler knows which Add it is, and can put it into the loop.
            foreach (T record in records)
            {
                Add(record);
            }

            return;
        }

        while (!records.IsEmpty)
        {
            int count = BatchCount(records.Length);
            AddBatch(new RecordSpan<T>(records[..count]));
            records = records[count..];
        }
    }

    public bool TakesSlices => typeof(T) == typeof(Utf8Text) && KeyedTable<TKey, TState>.TakesMany;

    // A table copies the texts that are its keys.
    public bool LetsGoOfChunks => TakesSlices && TextProbing<TKey>.Takes && fold.LetsGoOfRecords;

    public void AddSlices(byte[] chunk, ReadOnlySpan<TextSlice> slices)
    {
        while (!slices.IsEmpty)
        {
            int count = BatchCount(slices.Length);
            AddBatch(new TextSlices<T>(chunk, slices[..count]));
            slices = slices[count..];
        }
    }

    public override void Complete() => Flush();

    public override void Dispose()
    {
        _table.Dispose();
        base.Dispose();
    }

    private int BatchCount(int records) => Math.Min(Math.Min(Batch<TKey>.Capacity, _untilCheck), records);

    private void AddBatch<TRecords>(scoped TRecords records)
        where TRecords : struct, IRecordBatch<T>, allows ref struct
    {
        if (!_folds)
        {
            for (int i = 0; i < records.Count; i++)
            {
                Pass(records[i]);
            }
        }
        else if (typeof(T) == typeof(TKey) && fold.KeyIsRecord)
        {
            FoldBatch(records, new OwnKeys<T, TKey, TRecords>(records));
        }
        else
        {
            FoldByKeys(records);
        }

        _untilCheck -= records.Count;
        if (_untilCheck == 0)
        {
            Check();
        }
    }

    private void FoldByKeys<TRecords>(scoped TRecords records)
        where TRecords : struct, IRecordBatch<T>, allows ref struct
    {
        var keyBatch = default(Batch<TKey>);
        Span<TKey> keys = ((Span<TKey>)keyBatch)[..records.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = fold.Key(records[i]);
        }

        FoldBatch(records, new RecordSpan<TKey>(keys));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FoldBatch<TRecords, TKeys>(scoped TRecords records, scoped TKeys keys)
        where TRecords : struct, IRecordBatch<T>, allows ref struct
        where TKeys : struct, IRecordBatch<TKey>, allows ref struct
    {
        var placeBatch = default(Batch<int>);
        Span<int> places = ((Span<int>)placeBatch)[..records.Count];
        KeyedTable<TKey, TState> table = _table;
        int added = table.GetOrAddMany(keys, places);
        if (!table.PassUnsampled(places.Length, added))
        {
            FoldSampling(records, keys, places);
        }
        else if (added == 0)
        {
            for (int i = 0; i < places.Length; i++)
            {
                ref TState state = ref table.StateAt(places[i]);
                state = fold.Add(state, records[i]);
            }
        }
        else
        {
            for (int i = 0; i < places.Length; i++)
            {
                ref TState state = ref table.StateAt(places[i]);
                state = fold.Add(places[i] < 0 ? fold.Seed(keys[i]) : state, records[i]);
            }
        }
    }

    private void FoldSampling<TRecords, TKeys>(scoped TRecords records, scoped TKeys keys, ReadOnlySpan<int> places)
        where TRecords : struct, IRecordBatch<T>, allows ref struct
        where TKeys : struct, IRecordBatch<TKey>, allows ref struct
    {
        bool isFull = false;
        for (int i = 0; i < places.Length; i++)
        {
            ref TState state = ref _table.StateAt(places[i]);
            bool added = places[i] < 0;
            if (_table.IsSampled(added))
            {
                isFull |= FoldSampled(keys[i], ref state, added, records[i]);
            }
            else
            {
                state = fold.Add(added ? fold.Seed(keys[i]) : state, records[i]);
            }
        }

        // Not before: the places of the batch's other records would be gone.
        if (isFull)
        {
            Flush();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fold(T record)
    {
        TKey key = fold.Key(record);
        ref TState state = ref _table.GetOrAdd(key, out bool added);
        if (!_table.IsSampled(added))
        {
            state = fold.Add(added ? fold.Seed(key) : state, record);
        }
        else if (FoldSampled(key, ref state, added, record))
        {
            Flush();
        }
    }

    /// <summary>True when the table should be emptied.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FoldSampled(TKey key, ref TState state, bool added, T record)
    {
        long before = _table.Before(key, state, added);
        state = fold.Add(added ? fold.Seed(key) : state, record);
        return _table.IsFullAfter(key, state, added, before);
    }

    private void Pass(T record)
    {
        TKey key = fold.Key(record);
        output.Write(new KeyValuePair<TKey, TState>(key, fold.Add(fold.Seed(key), record)));
    }

    private void Check()
    {
        context.Cancellation.ThrowIfCancellationRequested();
        _untilCheck = CheckEvery;
        _seen += CheckEvery;
        if (_onTrial && _table.Count >= TrialKeys)
        {
            _onTrial = false;
            if (_seen < TrialRecordsMin)
            {
                Flush();
                _folds = false;
            }
        }
    }

    private void Flush()
    {
        foreach (KeyValuePair<TKey, TState> entry in _table.Entries())
        {
            output.Write(entry);
        }

        _table.Clear();
    }
}
