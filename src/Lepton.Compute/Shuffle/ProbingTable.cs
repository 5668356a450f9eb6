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
    private readonly uint[] _hashes = new uint[Batch<TKey>.Capacity];
    private int[] _slots = new int[SlotsMin];
    private Entry[] _entries = new Entry[SlotsMin / 2];
    private TKey[] _keys = new TKey[SlotsMin / 2];
    private TProbing _probing = new();

    public int Count { get; private set; }

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        TProbe probe = _probing.Probe(key);
        int place = GetOrAdd(key, probe, _probing.Hash(key, probe));
        added = place < 0;
        return ref StateAt(place);
    }

    /// <summary>
    /// Where the states of the keys are, for <see cref="StateAt"/>, until the table is cleared: negative where the key
    /// was added, and its state is a default one. At most <see cref="Batch{T}.Capacity"/> keys.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GetOrAddMany(ReadOnlySpan<TKey> keys, Span<int> places)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Length, Batch<TKey>.Capacity, nameof(keys));
        ArgumentOutOfRangeException.ThrowIfLessThan(places.Length, keys.Length, nameof(places));
        Fetch(keys);
        ref TProbe probes = ref MemoryMarshal.GetArrayDataReference(_probes);
        ref uint hashes = ref MemoryMarshal.GetArrayDataReference(_hashes);
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref Entry entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        uint mask = (uint)(_slots.Length - 1);
        for (int i = 0; i < keys.Length; i++)
        {
            // Most are found where they are looked for first.
            ref TProbe probe = ref Unsafe.Add(ref probes, i);
            int place = Unsafe.Add(ref slots, Unsafe.Add(ref hashes, i) & mask);
            if (_probing.Matches(Unsafe.Add(ref entries, place).Probe, probe) && place != NoEntry
                && _probing.IsWhole(probe))
            {
                places[i] = place;
                continue;
            }

            places[i] = GetOrAdd(keys[i], probe, Unsafe.Add(ref hashes, i));

            // It may have grown.
            slots = ref MemoryMarshal.GetArrayDataReference(_slots);
            entries = ref MemoryMarshal.GetArrayDataReference(_entries);
            mask = (uint)(_slots.Length - 1);
        }
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

    /// <summary>
    /// Computes what each key is found by, and has the memory where it would be brought near, without waiting for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Fetch(ReadOnlySpan<TKey> keys)
    {
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        uint mask = (uint)(_slots.Length - 1);
        Span<TProbe> probes = _probes.AsSpan(0, keys.Length);
        Span<uint> hashes = _hashes.AsSpan(0, keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            TProbe probe = _probing.Probe(keys[i]);
            uint hash = _probing.Hash(keys[i], probe);
            probes[i] = probe;
            hashes[i] = hash;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref slots, hash & mask)));
            }
        }

        if (Sse.IsSupported)
        {
            // By now the first slots are there, and say which entries are wanted.
            ref Entry entries = ref MemoryMarshal.GetArrayDataReference(_entries);
            foreach (uint hash in hashes)
            {
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref entries, Unsafe.Add(ref slots, hash & mask))));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int GetOrAdd(TKey key, in TProbe probe, uint hash)
    {
        int[] slots = _slots;
        Entry[] entries = _entries;
        int slot = (int)hash & (slots.Length - 1);
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

        return ~Add(key, new Entry { Probe = probe, Hash = hash });
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
        Occupy(entry.Hash, place);
        return place;
    }

    private void Grow()
    {
        int slots = checked((int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length + 1));
        _slots = new int[slots];
        Array.Resize(ref _entries, slots / 2);
        Array.Resize(ref _keys, slots / 2);
        for (int place = 1; place <= Count; place++)
        {
            Occupy(_entries[place].Hash, place);
        }
    }

    private void Occupy(uint hash, int place)
    {
        int slot = (int)hash & (_slots.Length - 1);
        while (_slots[slot] != NoEntry)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = place;
    }

    private struct Entry
    {
        public TProbe Probe;
        public uint Hash;
        public TState State;
    }
}
