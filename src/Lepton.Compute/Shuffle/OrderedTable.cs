using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable CS8714 // A null key never gets into the dictionary: its place is kept beside it.

namespace Lepton.Compute.Shuffle;

/// <summary>
/// A hash table for keys of any type, null among them, whose entries come out in the order in which their keys came
/// in. The order is that of its own lists: a dictionary, which only finds a key's place here, promises none. Not
/// thread safe.
/// </summary>
internal sealed class OrderedTable<TKey, TState>
{
    private const int RoomMin = 16;
    private readonly Dictionary<TKey, int> _places = [];
    private TKey[] _keys = [];
    private TState[] _states = [];
    private int _nullPlace = -1;

    /// <summary>The number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>The state of a key; a default one when <paramref name="added"/>. Valid until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TState GetOrAdd(TKey key, out bool added)
    {
        if (key is null)
        {
            added = _nullPlace < 0;
            if (added)
            {
                _nullPlace = Append(key);
            }

            return ref _states[_nullPlace];
        }

        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out bool exists);
        added = !exists;
        if (added)
        {
            place = Append(key);
        }

        return ref _states[place];
    }

    public IEnumerable<KeyValuePair<TKey, TState>> Entries()
    {
        for (int place = 0; place < Count; place++)
        {
            yield return new KeyValuePair<TKey, TState>(_keys[place], _states[place]);
        }
    }

    /// <summary>Forgets all entries and keeps the room.</summary>
    public void Clear()
    {
        _places.Clear();
        Array.Clear(_keys, 0, Count);
        Array.Clear(_states, 0, Count);
        (Count, _nullPlace) = (0, -1);
    }

    private int Append(TKey key)
    {
        if (Count == _keys.Length)
        {
            int room = Math.Max(RoomMin, Count * 2);
            Array.Resize(ref _keys, room);
            Array.Resize(ref _states, room);
        }

        _keys[Count] = key;
        return Count++;
    }
}
