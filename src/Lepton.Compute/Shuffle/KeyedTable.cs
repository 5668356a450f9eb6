using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Compute.Formats;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table with an estimate of what it holds. Entries come out in the order in which their keys came in; null is a
/// key like any other. Not thread safe.
/// </summary>
internal sealed class KeyedTable<TKey, TState>(long memoryBytes) : IDisposable
{
    private const int KeysBetween = 64;
    private const int ScratchBytesMax = 1 << 20;

    // What a list costs beside its records, and a record in it beside its bytes, as if it were encoded.
    private const int ListBytes = 40;
    private const int ListedBytes = 16;
    private readonly OrderedTable<TKey, TState> _others = new();
    private readonly ProbingTable<TKey, TextProbe, TState, TextProbing<TKey>>? _texts =
        TextProbing<TKey>.Takes ? new() : null;

    private readonly ProbingTable<TKey, ulong, TState, IntegerProbing<TKey>>? _integers =
        IntegerProbing<TKey>.Takes ? new() : null;

    private readonly RecordCodec<KeyValuePair<TKey, TState>> _codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
    private readonly TableMeter _meter = new(memoryBytes);
    private RecordCodec<TKey>? _keyCodec;
    private RecordWriter _scratch = new(256);
    private int _untilSample = 1;
    private int _untilKey = 1;

    /// <summary>The number of keys.</summary>
    public int Count => _texts?.Count ?? _integers?.Count ?? _others.Count;

    /// <summary>Bytes that the table is thought to hold.</summary>
    public long EstimatedBytes => _meter.Estimate(Count);

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        if (TextProbing<TKey>.Takes)
        {
            return ref _texts!.GetOrAdd(key, out added);
        }

        if (IntegerProbing<TKey>.Takes)
        {
            return ref _integers!.GetOrAdd(key, out added);
        }

        return ref _others.GetOrAdd(key, out added);
    }

    /// <summary>Whether <see cref="GetOrAddMany"/> can be called.</summary>
    public static bool TakesMany => TextProbing<TKey>.Takes || IntegerProbing<TKey>.Takes;

    /// <summary>
    /// Finds keys that are at hand together, which is faster than one after the other. See
    /// <see cref="ProbingTable{TKey,TProbe,TState,TProbing}"/>.
    /// </summary>
    public int GetOrAddMany<TKeys>(scoped TKeys keys, Span<int> places)
        where TKeys : struct, IRecordBatch<TKey>, allows ref struct =>
        IntegerProbing<TKey>.Takes
            ? _integers!.GetOrAddMany(keys, places)
            : _texts!.GetOrAddMany(keys, places);

    /// <summary>The state at a place that <see cref="GetOrAddMany"/> gave. Valid until the next key is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState StateAt(int place) =>
        ref IntegerProbing<TKey>.Takes ? ref _integers!.StateAt(place) : ref _texts!.StateAt(place);

    /// <summary>
    /// Call for each record that changes a state, before the change: true now and then, when the change is to stand
    /// between <see cref="Before"/> and <see cref="IsFullAfter"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsSampled(bool added) => --_untilSample <= 0 || (added && --_untilKey <= 0);

    /// <summary>
    /// As <see cref="IsSampled"/> would be called for each of so many records, some of which added their key. False,
    /// and nothing is counted, where one of them is to be sampled.
    /// </summary>
    public bool PassUnsampled(int records, int added)
    {
        if (_untilSample <= records || (added > 0 && _untilKey <= added))
        {
            return false;
        }

        _untilSample -= records;
        _untilKey -= added;
        return true;
    }

    /// <summary>Measures a state that is about to change; negative where that would cost too much.</summary>
    public long Before(TKey key, TState state, bool added)
    {
        Pass();
        return !_meter.CanMeasure ? -1 : added ? 0 : Measure(_codec, new KeyValuePair<TKey, TState>(key, state));
    }

    /// <summary>Measures what has become of it; true when the table should be emptied.</summary>
    public bool IsFullAfter(TKey key, TState state, bool added, long before)
    {
        if (before >= 0)
        {
            long after = Measure(_codec, new KeyValuePair<TKey, TState>(key, state));
            if (added)
            {
                _meter.SampleKey(after);
            }
            else
            {
                _meter.SampleState(before, after);
            }
        }

        return IsFull();
    }

    /// <summary>
    /// Call for each record that was appended to its key's state, which is a list: there the record tells by itself
    /// how much the state grew. True when the table should be emptied.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFullAppended<TRecord>(TKey key, bool added, RecordCodec<TRecord> codec, TRecord record) =>
        IsSampled(added) && MeasureAppended(key, added, codec, record);

    /// <summary>As <see cref="IsFullAppended"/>, for a key and list whose encoded size is known.</summary>
    public bool IsFullAppended(bool added, long encodedBytes)
    {
        _untilSample--;
        Pass();
        Sample(added, encodedBytes + ListBytes);
        return IsFull();
    }

    /// <summary>All entries, in the order in which their keys came in.</summary>
    public IEnumerable<KeyValuePair<TKey, TState>> Entries() => _texts is not null
        ? _texts.Entries()
        : _integers is not null ? _integers.Entries()
        : _others.Entries();

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        _texts?.Clear();
        _integers?.Clear();
        _others.Clear();
        _meter.Clear();
        (_untilSample, _untilKey) = (_meter.RecordsUntilSample, 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private bool MeasureAppended<TRecord>(TKey key, bool added, RecordCodec<TRecord> codec, TRecord record)
    {
        Pass();
        long bytes = ListedBytes + Measure(codec, record);
        if (added)
        {
            bytes += ListBytes + Measure(_keyCodec ??= RecordCodec.For<TKey>(), key);
        }

        Sample(added, bytes);
        return IsFull();
    }

    private void Pass()
    {
        _meter.Pass(_meter.RecordsUntilSample - _untilSample);
        _untilSample = _meter.RecordsUntilSample;
    }

    private void Sample(bool added, long bytes)
    {
        if (added)
        {
            _meter.SampleKey(bytes);
        }
        else
        {
            _meter.SampleGrowth(bytes);
        }
    }

    private bool IsFull()
    {
        bool isFull = _meter.IsFull(Count);
        (_untilSample, _untilKey) = (_meter.RecordsUntilSample, _untilKey <= 0 ? KeysBetween : _untilKey);
        return isFull;
    }

    private int Measure<T>(RecordCodec<T> codec, T value)
    {
        _scratch.Clear();
        codec.Write(_scratch, value);
        int bytes = _scratch.Length;
        if (bytes > ScratchBytesMax)
        {
            // What one large state needed would be held as long as the table.
            _scratch.Dispose();
            _scratch = new RecordWriter(256);
        }

        return bytes;
    }
}
