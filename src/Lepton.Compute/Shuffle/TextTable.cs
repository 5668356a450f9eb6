using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Lepton.Compute.Formats;
using Lepton.Core.Hashing;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table for texts. Most keys are words: up to 16 bytes lie in the entry itself, so that finding one touches a
/// slot and a cache line. Keys are copied in, and so let go of the chunk of the file that they were cut from. Entries
/// keep the order in which their keys came in. Linear probing, at most half full; hashes are seeded with random bits,
/// so that nobody can write texts that collide. Not thread safe.
/// </summary>
/// <remarks>
/// A vocabulary outgrows a core's first-level cache, so most of a look-up is waiting for memory. Who has many keys at
/// hand looks them up together, by <see cref="GetOrAddMany"/>: the waits then overlap ("group prefetching": Chen et
/// al., Improving Hash Join Performance through Prefetching, 2004).
/// </remarks>
internal sealed class TextTable<TState>
{
    private const int SlotsMin = 256;
    private const int ArenaBytes = 32 << 10;

    // Entry 0 is no key's. A free slot refers to it, and its length is none, so that a look-up needs no test for free.
    private const int NoEntry = 0;
    private const int NoLength = -1;
    private static readonly (ulong First, ulong Second) s_seed =
        MemoryMarshal.Read<(ulong, ulong)>(RandomNumberGenerator.GetBytes(2 * sizeof(ulong)));

    // A copy, as code that is compiled once asks at each use whether a static field has been made yet.
    private readonly (ulong First, ulong Second) _seed = s_seed;
    private readonly Vector128<byte>[] _firsts = new Vector128<byte>[Batch<TState>.Capacity];
    private readonly uint[] _hashes = new uint[Batch<TState>.Capacity];
    private int[] _slots = new int[SlotsMin];
    private Entry[] _entries = new Entry[SlotsMin / 2];
    private Utf8Text[] _keys = new Utf8Text[SlotsMin / 2];
    private byte[] _arena = [];
    private int _arenaUsed;

    public TextTable() => _entries[NoEntry].Length = NoLength;

    public int Count { get; private set; }

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    public ref TState GetOrAdd(Utf8Text key, out bool added)
    {
        Vector128<byte> first = key.FirstBytes();
        int place = GetOrAdd(key, first, Hash(key, first));
        added = place < 0;
        return ref StateAt(place);
    }

    /// <summary>
    /// Where the states of the keys are, for <see cref="StateAt"/>, until the table is cleared: negative where the key
    /// was added, and its state is a default one. At most <see cref="Batch{T}.Capacity"/> keys.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GetOrAddMany(ReadOnlySpan<Utf8Text> keys, Span<int> places)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Length, Batch<TState>.Capacity, nameof(keys));
        ArgumentOutOfRangeException.ThrowIfLessThan(places.Length, keys.Length, nameof(places));
        Fetch(keys);
        ref Vector128<byte> firsts = ref MemoryMarshal.GetArrayDataReference(_firsts);
        ref uint hashes = ref MemoryMarshal.GetArrayDataReference(_hashes);
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref Entry entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        uint mask = (uint)(_slots.Length - 1);
        for (int i = 0; i < keys.Length; i++)
        {
            int length = keys[i].Length;
            int place = Unsafe.Add(ref slots, Unsafe.Add(ref hashes, i) & mask);
            ref Entry entry = ref Unsafe.Add(ref entries, place);
            if (entry.First == Unsafe.Add(ref firsts, i) && entry.Length == length &&
                length <= Vector128<byte>.Count)
            {
                places[i] = place;
                continue;
            }

            places[i] = GetOrAdd(keys[i], Unsafe.Add(ref firsts, i), Unsafe.Add(ref hashes, i));

            // It may have grown.
            slots = ref MemoryMarshal.GetArrayDataReference(_slots);
            entries = ref MemoryMarshal.GetArrayDataReference(_entries);
            mask = (uint)(_slots.Length - 1);
        }
    }

    /// <summary>The state at a place. Valid until the next key is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState StateAt(int place) => ref _entries[place < 0 ? ~place : place].State;

    public IEnumerable<KeyValuePair<Utf8Text, TState>> Entries()
    {
        for (int i = 1; i <= Count; i++)
        {
            yield return new KeyValuePair<Utf8Text, TState>(_keys[i], _entries[i].State);
        }
    }

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Array.Clear(_entries, 1, Count);
        Array.Clear(_keys, 1, Count);
        Count = 0;

        // Entries that were handed out may still read the old bytes.
        _arena = [];
        _arenaUsed = 0;
    }

    /// <summary>A product of 128 bits folded to 64, as in wyhash (Wang Yi) and XXH3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Hash(Utf8Text key, Vector128<byte> first)
    {
        if (key.Length > Vector128<byte>.Count)
        {
            return HashLong(key);
        }

        Vector128<ulong> halves = first.AsUInt64();
        ulong high = Math.BigMul(
            halves[0] ^ _seed.First, halves[1] ^ _seed.Second ^ (ulong)key.Length, out ulong low);
        return (uint)(high ^ low);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint HashLong(Utf8Text key) => (uint)StableHash.OfBytes(key.Span, _seed.First);

    /// <summary>
    /// Computes what each key is found by, and has the memory where it would be brought near, without waiting for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Fetch(ReadOnlySpan<Utf8Text> keys)
    {
        ref int slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        uint mask = (uint)(_slots.Length - 1);
        Span<Vector128<byte>> firsts = _firsts.AsSpan(0, keys.Length);
        Span<uint> hashes = _hashes.AsSpan(0, keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            Vector128<byte> first = keys[i].FirstBytes();
            uint hash = Hash(keys[i], first);
            firsts[i] = first;
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
    private int GetOrAdd(Utf8Text key, Vector128<byte> first, uint hash)
    {
        int[] slots = _slots;
        Entry[] entries = _entries;
        int slot = (int)hash & (slots.Length - 1);
        while (slots[slot] != NoEntry)
        {
            int place = slots[slot];
            ref Entry entry = ref entries[place];
            if (entry.First == first && entry.Length == key.Length &&
                (key.Length <= Vector128<byte>.Count || _keys[place] == key))
            {
                return place;
            }

            slot = (slot + 1) & (slots.Length - 1);
        }

        return ~Add(key, new Entry { First = first, Length = key.Length, Hash = hash });
    }

    private int Add(Utf8Text key, Entry entry)
    {
        if (Count + 1 == _entries.Length)
        {
            Grow();
        }

        int place = ++Count;
        _keys[place] = Own(key);
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

    private Utf8Text Own(Utf8Text key)
    {
        if (key.Length > ArenaBytes / 4)
        {
            return key.ToOwned();
        }

        if (_arena.Length - _arenaUsed < key.Length)
        {
            _arena = GC.AllocateUninitializedArray<byte>(ArenaBytes);
            _arenaUsed = 0;
        }

        int start = _arenaUsed;
        key.Span.CopyTo(_arena.AsSpan(start));
        _arenaUsed += key.Length;
        return new Utf8Text(_arena, start, key.Length);
    }

    private struct Entry
    {
        public Vector128<byte> First;
        public int Length;
        public uint Hash;
        public TState State;
    }
}
