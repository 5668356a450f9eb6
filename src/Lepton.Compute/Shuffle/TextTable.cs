using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
internal sealed class TextTable<TState>
{
    private const int SlotsMin = 256;
    private const int ArenaBytes = 32 << 10;
    private static readonly (ulong First, ulong Second) s_seed =
        MemoryMarshal.Read<(ulong, ulong)>(RandomNumberGenerator.GetBytes(2 * sizeof(ulong)));

    // A slot holds the number of its entry plus one; zero is free.
    private int[] _slots = new int[SlotsMin];
    private Entry[] _entries = new Entry[SlotsMin / 2];
    private Utf8Text[] _keys = new Utf8Text[SlotsMin / 2];
    private byte[] _arena = [];
    private int _arenaUsed;

    public int Count { get; private set; }

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    public ref TState GetOrAdd(Utf8Text key, out bool added)
    {
        Vector128<byte> first = key.FirstBytes();
        uint hash = Hash(key, first);
        int[] slots = _slots;
        Entry[] entries = _entries;
        for (int slot = (int)hash & (slots.Length - 1); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            int index = slots[slot] - 1;
            ref Entry entry = ref entries[index];
            if (entry.First == first && entry.Length == key.Length &&
                (key.Length <= Vector128<byte>.Count || _keys[index] == key))
            {
                added = false;
                return ref entry.State;
            }
        }

        added = true;
        return ref Add(key, new Entry { First = first, Length = key.Length, Hash = hash });
    }

    public IEnumerable<KeyValuePair<Utf8Text, TState>> Entries()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return new KeyValuePair<Utf8Text, TState>(_keys[i], _entries[i].State);
        }
    }

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Array.Clear(_entries, 0, Count);
        Array.Clear(_keys, 0, Count);
        Count = 0;

        // Entries that were handed out may still read the old bytes.
        _arena = [];
        _arenaUsed = 0;
    }

    /// <summary>A product of 128 bits folded to 64, as in wyhash (Wang Yi) and XXH3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(Utf8Text key, Vector128<byte> first)
    {
        if (key.Length > Vector128<byte>.Count)
        {
            return (uint)StableHash.OfBytes(key.Span, s_seed.First);
        }

        Vector128<ulong> halves = first.AsUInt64();
        ulong high = Math.BigMul(
            halves[0] ^ s_seed.First, halves[1] ^ s_seed.Second ^ (ulong)key.Length, out ulong low);
        return (uint)(high ^ low);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref TState Add(Utf8Text key, Entry entry)
    {
        if (Count == _entries.Length)
        {
            Grow();
        }

        int index = Count++;
        _keys[index] = Own(key);
        _entries[index] = entry;
        Occupy(entry.Hash, index);
        return ref _entries[index].State;
    }

    private void Grow()
    {
        int slots = checked((int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length + 1));
        _slots = new int[slots];
        Array.Resize(ref _entries, slots / 2);
        Array.Resize(ref _keys, slots / 2);
        for (int i = 0; i < Count; i++)
        {
            Occupy(_entries[i].Hash, i);
        }
    }

    private void Occupy(uint hash, int index)
    {
        int slot = (int)hash & (_slots.Length - 1);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = index + 1;
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
