using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Compute.Formats;
using Lepton.Core.Records;

#pragma warning disable CS8714 // A null key never gets into the dictionary: it has a place of its own.

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table with an estimate of what it holds. Entries come out in the order in which their keys came in; null is a
/// key like any other. Not thread safe.
/// </summary>
internal sealed class KeyedTable<TKey, TState>(long memoryBytes) : IDisposable
{
    // An encoded byte costs about twice that as objects; an entry adds its slot in the table and object headers.
    private const int BytesPerEncodedByte = 2;
    private const int EntryOverheadBytes = 64;
    private const int SampleEvery = 512;
    private readonly Dictionary<TKey, TState> _entries = [];
    private readonly TextTable<TState>? _texts = typeof(TKey) == typeof(Utf8Text) ? new TextTable<TState>() : null;
    private readonly RecordCodec<KeyValuePair<TKey, TState>> _codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
    private readonly RecordWriter _scratch = new(256);
    private double _entryBytesMean;
    private int _untilSample = 1;
    private int _samples;
    private bool _hasNull;
    private int _nullPlace;
    private TState? _nullState;

    /// <summary>The number of keys.</summary>
    public int Count => _texts is not null ? _texts.Count : _entries.Count + (_hasNull ? 1 : 0);

    /// <summary>Bytes that the table is thought to hold.</summary>
    public long EstimatedBytes => (long)(Count * (EntryOverheadBytes + (BytesPerEncodedByte * _entryBytesMean)));

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        if (key is null)
        {
            added = !_hasNull;
            if (added)
            {
                _hasNull = true;
                _nullPlace = _entries.Count;
            }

            return ref _nullState!;
        }

        if (typeof(TKey) == typeof(Utf8Text))
        {
            return ref _texts!.GetOrAdd(Unsafe.As<TKey, Utf8Text>(ref key), out added);
        }

        ref TState? state = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out bool exists);
        added = !exists;
        return ref state!;
    }

    /// <summary>
    /// Call after each change of an entry. Now and then it measures that entry; true when the table should be emptied.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFull(TKey key, ref TState state) => --_untilSample == 0 && Measure(key, state);

    /// <summary>All entries, in the order in which their keys came in.</summary>
    public IEnumerable<KeyValuePair<TKey, TState>> Entries() => _texts is not null
        ? (IEnumerable<KeyValuePair<TKey, TState>>)_texts.Entries()
        : _hasNull ? EntriesWithNull() : _entries;

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        _texts?.Clear();
        _entries.Clear();
        _hasNull = false;
        _nullState = default;
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private IEnumerable<KeyValuePair<TKey, TState>> EntriesWithNull()
    {
        int place = 0;
        foreach (KeyValuePair<TKey, TState> entry in _entries)
        {
            if (place++ == _nullPlace)
            {
                yield return new KeyValuePair<TKey, TState>(default!, _nullState!);
            }

            yield return entry;
        }

        if (_nullPlace == _entries.Count)
        {
            yield return new KeyValuePair<TKey, TState>(default!, _nullState!);
        }
    }

    private bool Measure(TKey key, TState state)
    {
        _scratch.Clear();
        _codec.Write(_scratch, new KeyValuePair<TKey, TState>(key, state));
        _samples++;

        // A running mean that forgets slowly: states that grow are seen again as they grow.
        double weight = Math.Max(1.0 / _samples, 1.0 / 32);
        _entryBytesMean += (_scratch.Length - _entryBytesMean) * weight;
        _untilSample = SampleEvery;
        return EstimatedBytes > memoryBytes;
    }
}
