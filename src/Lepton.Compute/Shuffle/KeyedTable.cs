using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Core.Records;

#pragma warning disable CS8714 // Only value types that are never null are keys of the dictionary itself; see Slot for the others.

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table with an estimate of what it holds. Entries come out in the order in which their keys came in. A null
/// key is a key like any other. Not thread safe.
/// </summary>
internal sealed class KeyedTable<TKey, TState>(long memoryBytes) : IDisposable
{
    // An encoded byte costs about twice that as objects; an entry adds its slot in the table and object headers.
    private const int BytesPerEncodedByte = 2;
    private const int EntryOverheadBytes = 64;
    private const int SampleEvery = 512;
    private readonly Dictionary<Slot, TState>? _byReference = default(TKey) is null ? [] : null;
    private readonly Dictionary<TKey, TState>? _byValue = default(TKey) is null ? null : CreateByValue();
    private readonly RecordCodec<KeyValuePair<TKey, TState>> _codec = RecordCodec.For<KeyValuePair<TKey, TState>>();
    private readonly RecordWriter _scratch = new(256);
    private double _entryBytesMean;
    private int _untilSample = 1;
    private int _samples;

    /// <summary>The number of keys.</summary>
    public int Count => _byValue?.Count ?? _byReference!.Count;

    /// <summary>Bytes that the table is thought to hold.</summary>
    public long EstimatedBytes => (long)(Count * (EntryOverheadBytes + (BytesPerEncodedByte * _entryBytesMean)));

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        bool exists;
        ref TState? state = ref default(TKey) is not null
            ? ref CollectionsMarshal.GetValueRefOrAddDefault(_byValue!, key!, out exists)
            : ref CollectionsMarshal.GetValueRefOrAddDefault(_byReference!, new Slot(key), out exists);
        added = !exists;
        return ref state!;
    }

    /// <summary>
    /// Call after each change of an entry. Now and then it measures that entry; true when the table should be emptied.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFull(TKey key, ref TState state) => --_untilSample == 0 && Measure(key, state);

    /// <summary>All entries, in the order in which their keys came in.</summary>
    public IEnumerable<KeyValuePair<TKey, TState>> Entries()
    {
        if (_byValue is not null)
        {
            return _byValue;
        }

        return _byReference!.Select(static entry => new KeyValuePair<TKey, TState>(entry.Key.Key, entry.Value));
    }

    /// <summary>Forgets all entries.</summary>
    public void Clear()
    {
        _byValue?.Clear();
        _byReference?.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private static Dictionary<TKey, TState> CreateByValue()
    {
        return [];
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

    private readonly struct Slot(TKey key) : IEquatable<Slot>
    {
        public readonly TKey Key = key;

        public bool Equals(Slot other) => EqualityComparer<TKey>.Default.Equals(Key, other.Key);

        public override bool Equals(object? obj) => obj is Slot other && Equals(other);

        public override int GetHashCode() => Key is null ? 0 : EqualityComparer<TKey>.Default.GetHashCode(Key);
    }
}
