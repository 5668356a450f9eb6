using System.Runtime.CompilerServices;
using Lepton.Compute.Execution;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Folds the records of a key into one state, so that a key crosses the shuffle once a map task (once a table, where
/// the table outgrows its memory). Where keys hardly repeat, folding them costs a cache miss a record and saves little:
/// after a trial the rest of the task passes its records on unfolded ("adaptive partial aggregation", as in database
/// engines). The trial looks at the data alone, so every attempt does the same.
/// </summary>
internal sealed class CombineSink<T, TKey, TState>(
    Func<T, TKey> key,
    Func<TKey, TState> seed,
    Func<TState, T, TState> accumulate,
    KeyedOutput<TKey, TState> output,
    TaskContext context) : ShuffleSink<T>
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
            TKey k = key(record);
            output.Write(new KeyValuePair<TKey, TState>(k, accumulate(seed(k), record)));
        }

        if (--_untilCheck == 0)
        {
            Check();
        }
    }

    public override void AddRange(ReadOnlySpan<T> records)
    {
        // As the base does it, but here the compiler knows which Add it is, and can put it into the loop.
        foreach (T record in records)
        {
            Add(record);
        }
    }

    public override void Complete() => Flush();

    public override void Dispose()
    {
        _table.Dispose();
        base.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fold(T record)
    {
        TKey k = key(record);
        ref TState state = ref _table.GetOrAdd(k, out bool added);
        if (_table.IsSampled(added))
        {
            FoldSampled(k, ref state, added, record);
            return;
        }

        state = accumulate(added ? seed(k) : state, record);
    }

    private void FoldSampled(TKey k, ref TState state, bool added, T record)
    {
        long before = _table.Before(k, state, added);
        state = accumulate(added ? seed(k) : state, record);
        if (_table.IsFullAfter(k, state, added, before))
        {
            Flush();
        }
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
