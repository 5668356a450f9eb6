using System.Collections.Immutable;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.Leases;

/// <summary>
/// The replicated half of leases: which there are, how long each lives, and which keys live by it. No time passes here;
/// a lease ends by a command only. Changed by the thread that applies commands, read by any.
/// </summary>
internal sealed class LeaseTable
{
    /// <summary>The shortest time of a lease, in seconds; shorter ones are granted this. It is etcd's with its default
    /// election timeout (one and a half of it, rounded up), and the same on every node, because it is part of what a
    /// command means.</summary>
    public const long TtlSecondsMin = 2;

    /// <summary>The longest time of a lease, in seconds.</summary>
    public const long TtlSecondsMax = 9_000_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, HashSet<byte[]>> _keys = [];
    private ImmutableSortedDictionary<long, long> _ttlSeconds = ImmutableSortedDictionary<long, long>.Empty;

    /// <summary>All leases by id, with the time that each was granted, in seconds. Never changes under a
    /// reader.</summary>
    public ImmutableSortedDictionary<long, long> TtlSeconds => Volatile.Read(ref _ttlSeconds);

    /// <summary>Whether there is such a lease.</summary>
    public bool Contains(long id)
    {
        lock (_gate)
        {
            return _keys.ContainsKey(id);
        }
    }

    /// <summary>Adds a lease.</summary>
    /// <param name="id">Its id, above 0.</param>
    /// <param name="ttlSeconds">The time asked for.</param>
    /// <param name="grantedSeconds">The time granted.</param>
    public LeaseFailure Grant(long id, long ttlSeconds, out long grantedSeconds)
    {
        grantedSeconds = Math.Max(ttlSeconds, TtlSecondsMin);
        if (ttlSeconds > TtlSecondsMax)
        {
            return LeaseFailure.TtlTooLarge;
        }

        lock (_gate)
        {
            if (!_keys.TryAdd(id, new HashSet<byte[]>(KeyBytesComparer.Instance)))
            {
                return LeaseFailure.Exists;
            }

            Volatile.Write(ref _ttlSeconds, _ttlSeconds.Add(id, grantedSeconds));
            return LeaseFailure.None;
        }
    }

    /// <summary>Has a key live by a lease that is there.</summary>
    public void Attach(long id, ReadOnlySpan<byte> key)
    {
        lock (_gate)
        {
            _keys[id].GetAlternateLookup<ReadOnlySpan<byte>>().Add(key);
        }
    }

    /// <summary>Has a key no longer live by a lease.</summary>
    public void Detach(long id, ReadOnlySpan<byte> key)
    {
        lock (_gate)
        {
            if (_keys.TryGetValue(id, out var keys))
            {
                keys.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key);
            }
        }
    }

    /// <summary>The keys that live by a lease, in ascending order; null where there is no such lease.</summary>
    public IReadOnlyList<byte[]>? KeysOf(long id)
    {
        byte[][] keys;
        lock (_gate)
        {
            if (!_keys.TryGetValue(id, out var held))
            {
                return null;
            }

            keys = [.. held];
        }

        Array.Sort(keys, (a, b) => a.AsSpan().SequenceCompareTo(b));
        return keys;
    }

    /// <summary>Takes a lease out; its keys are the caller's to delete.</summary>
    public void Remove(long id)
    {
        lock (_gate)
        {
            _keys.Remove(id);
            Volatile.Write(ref _ttlSeconds, _ttlSeconds.Remove(id));
        }
    }

    /// <summary>Takes over the leases of a snapshot, without their keys. Before anybody reads.</summary>
    public void Load(IEnumerable<KeyValuePair<long, long>> ttlSeconds)
    {
        _ttlSeconds = ttlSeconds.ToImmutableSortedDictionary();
        foreach (var id in _ttlSeconds.Keys)
        {
            _keys.Add(id, new HashSet<byte[]>(KeyBytesComparer.Instance));
        }
    }
}
