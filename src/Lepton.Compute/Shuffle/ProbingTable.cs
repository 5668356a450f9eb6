using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table for keys of which an entry can hold enough to tell them apart, so that finding one touches a slot and a
/// cache line. Entries keep the order in which their keys came in. Linear probing, at most half full. Not thread safe.
/// </summary>
/// <remarks>
/// Tables outgrow a core's first-level cache, so most of a look-up is waiting for memory. Who has many keys at hand
/// looks them up together, by <see cref="GetOrAddMany"/>: the waits then overlap ("group prefetching": Chen et al.,
/// Improving Hash Join Performance through Prefetching, 2004).
/// </remarks>
internal sealed class ProbingTable<TKey, TProbe, TState, TProbing>
    where TProbe : struct
    where TProbing : struct, IProbing<TKey, TProbe>
{
    private const int SlotsMin = 256;

    // A free slot refers to entry 0, which is no key's.
    private const int NoEntry = 0;
    private readonly TProbe[] _probes = new TProbe[Batch<TKey>.Capacity];
    private int[] _slots = new int[SlotsMin];

    // The slot of a hash is its highest bits: of a product, as of integers, the lowest ones say little.
    private int _slotShift = ShiftFor(SlotsMin);
    private Entry[] _entries = new Entry[SlotsMin / 2];
    private TKey[] _keys = new TKey[SlotsMin / 2];
    private TProbing _probing = new();

    public int Count { get; private set; }

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        TProbe probe = _probing.Probe(key);
        int place = GetOrAdd(key, probe);
        added = place < 0;
        return ref StateAt(place);
    }

    /// <summary>As the other, for keys that lie one behind the other.</summary>
    public int GetOrAddMany(ReadOnlySpan<TKey> keys, Span<int> places) =>
        GetOrAddMany(new RecordSpan<TKey>(keys), places);

    /// <summary>
    /// Where the states of the keys are, for <see cref="StateAt"/>, until the table is cleared: negative where the key
    /// was added, and its state is a default one. At most <see cref="Batch{T}.Capacity"/> keys. Returns how many were
    /// added.
    /// </summary>
    public int GetOrAddMany<TKeys>(scoped TKeys keys, Span<int> places)
        where TKeys : struct, IRecordBatch<TKey>, allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, Batch<TKey>.Capacity, nameof(keys));
        ArgumentOutOfRangeException.ThrowIfLessThan(places.Length, keys.Count, nameof(places));
        var rest = default(Batch<int>);
        int restCount = ProbeMost(keys, rest);
        for (int i = 0; i < restCount; i++)
        {
            _probes[rest[i]] = _probing.Probe(keys[rest[i]]);
        }

        Fetch(places[..keys.Count]);
        restCount = FindMost(places[..keys.Count], rest);
        int countBefore = Count;
        for (int i = 0; i < restCount; i++)
        {
            places[rest[i]] = GetOrAdd(keys[rest[i]], _probes[rest[i]]);
        }

        return Count - countBefore;
    }

    /// <summary>The state at a place. Valid until the next key is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState StateAt(int place) => ref _entries[place < 0 ? ~place : place].State;

    public IEnumerable<KeyValuePair<TKey, TState>> Entries()
    {
        for (int place = 1; place <= Count; place++)
        {
            yield return new KeyValuePair<TKey, TState>(_keys[place], _entries[place].State);
        }
    }

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Array.Clear(_entries, 1, Count);
        Array.Clear(_keys, 1, Count);
        Count = 0;

        // Entries that were handed out may still read what it keeps of their keys.
        _probing = new TProbing();
    }

    // The loops over a batch call nothing, so that what they use stays in registers. What would need a call is noted
    // as the rest, for a loop of its own: its count is returned. To note each, and count only those that are meant,
    // is faster than to ask, where that can't be foreseen.

    /// <summary>Computes what the keys are found by, and has their slots brought near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe int ProbeMost<TKeys>(scoped TKeys keys, Span<int> rest)
        where TKeys : struct, IRecordBatch<TKey>, allows ref struct
    {
        ref TProbe probes = ref MemoryMarshal.GetArrayDataReference(_probes);
        ref int note = ref MemoryMarshal.GetReference(rest);
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        int shift = _slotShift;
        TProbing probing = _probing;
        int restCount = 0;
        for (int i = 0; i < keys.Count; i++)
        {
            if (!probing.TryProbe(keys[i], out Unsafe.Add(ref probes, i)))
            {
                Unsafe.Add(ref note, restCount++) = i;
            }
            else if (Sse.IsSupported)
            {
                uint slot = probing.Hash(Unsafe.Add(ref probes, i)) >> shift;
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref slots, slot)));
            }
        }

        return restCount;
    }

    /// <summary>Looks up where the keys most likely are, and has the entries there brought near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Fetch(Span<int> places)
    {
        ref TProbe probes = ref MemoryMarshal.GetArrayDataReference(_probes);
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        int shift = _slotShift;
        ref Entry entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        for (int i = 0; i < places.Length; i++)
        {
            int place = Unsafe.Add(ref slots, _probing.Hash(Unsafe.Add(ref probes, i)) >> shift);
            places[i] = place;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref entries, place)));
            }
        }
    }

    /// <summary>Compares the keys with the entries at their places; most are found where they are looked for
    /// first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindMost(ReadOnlySpan<int> places, Span<int> rest)
    {
        ref TProbe probes = ref MemoryMarshal.GetArrayDataReference(_probes);
        ref Entry entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        ref int note = ref MemoryMarshal.GetReference(rest);
        int restCount = 0;
        for (int i = 0; i < places.Length; i++)
        {
            ref TProbe probe = ref Unsafe.Add(ref probes, i);
            bool isFound = _probing.Matches(Unsafe.Add(ref entries, places[i]).Probe, probe)
                & places[i] != NoEntry & _probing.IsWhole(probe);
            Unsafe.Add(ref note, restCount) = i;
            restCount += isFound ? 0 : 1;
        }

        return restCount;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int GetOrAdd(TKey key, in TProbe probe)
    {
        int[] slots = _slots;
        Entry[] entries = _entries;
        int slot = (int)(_probing.Hash(probe) >> _slotShift);
        while (slots[slot] != NoEntry)
        {
            int place = slots[slot];
            if (_probing.Matches(entries[place].Probe, probe)
                && (_probing.IsWhole(probe) || EqualityComparer<TKey>.Default.Equals(_keys[place], key)))
            {
                return place;
            }

            slot = (slot + 1) & (slots.Length - 1);
        }

        return ~Add(key, new Entry { Probe = probe });
    }

    private int Add(TKey key, Entry entry)
    {
        if (Count + 1 == _entries.Length)
        {
            Grow();
        }

        int place = ++Count;
        _keys[place] = _probing.Own(key);
        _entries[place] = entry;
        Occupy(_probing.Hash(entry.Probe), place);
        return place;
    }

    private void Grow()
    {
        int slots = checked((int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length + 1));
        _slots = new int[slots];
        _slotShift = ShiftFor(slots);
        Array.Resize(ref _entries, slots / 2);
        Array.Resize(ref _keys, slots / 2);
        for (int place = 1; place <= Count; place++)
        {
            Occupy(_probing.Hash(_entries[place].Probe), place);
        }
    }

    private static int ShiftFor(int slots) => (8 * sizeof(uint)) - BitOperations.Log2((uint)slots);

    private void Occupy(uint hash, int place)
    {
        int slot = (int)(hash >> _slotShift);
        while (_slots[slot] != NoEntry)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = place;
    }

    private struct Entry
    {
        public TProbe Probe;
        public TState State;
    }
}
