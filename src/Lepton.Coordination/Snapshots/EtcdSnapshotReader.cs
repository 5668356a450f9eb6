using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Lepton.Coordination.Bolt;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Raft;

namespace Lepton.Coordination.Snapshots;

/// <summary>Reads the state out of a database of etcd's. Whatever does not fit together is told with its
/// place.</summary>
/// <param name="database">The database.</param>
/// <param name="path">What messages call it.</param>
internal sealed class EtcdSnapshotReader(BoltReader database, string path)
{
    private readonly SortedDictionary<long, long> _leases = [];
    private readonly HashSet<(long Main, int Sub)> _withoutLease = [];
    private long _compacted = -1;

    /// <summary>Keys that were to live by a lease which is not there.</summary>
    public int LostLeases => _withoutLease.Count;

    /// <summary>Keys that are there.</summary>
    public int LiveKeys { get; private set; }

    /// <summary>Whether the old cluster asked its clients for users; who they were is not read.</summary>
    public bool HadUsers { get; private set; }

    /// <summary>Reads all of it.</summary>
    /// <param name="applied">The entry of the new log that the state stands for.</param>
    /// <exception cref="InvalidDataException">It is damaged, or no snapshot of etcd's.</exception>
    public StateSnapshot Read(LogIndex applied)
    {
        if (!database.BucketNames().Contains(EtcdFormat.KeyBucket, StringComparer.Ordinal))
        {
            throw Damaged($"it has no bucket '{EtcdFormat.KeyBucket}'. It is a database, and not one of etcd's.");
        }

        ReadMeta();
        ReadLeases();
        KvStore store = LoadStore();
        if (FindLostLeases(store))
        {
            // Such keys stay, as they do in etcd. A second reading is dear, but this is rare.
            store = LoadStore();
        }

        LiveKeys = store.LiveKeys;
        HadUsers = database.ReadBucket(EtcdFormat.AuthBucket).Any(
            static pair => Encoding.UTF8.GetString(pair.Key) == EtcdFormat.AuthEnabled && pair.Value is [1]);
        return new StateSnapshot(applied, ReadManifest(), _leases.ToImmutableSortedDictionary(), store);
    }

    private void ReadMeta()
    {
        foreach ((byte[] key, byte[] value) in database.ReadBucket(EtcdFormat.MetaBucket))
        {
            string name = Encoding.UTF8.GetString(key);
            if (name is EtcdFormat.FinishedCompaction or EtcdFormat.ScheduledCompaction)
            {
                if (!EtcdFormat.TryReadRevision(value, out long main, out _, out _))
                {
                    throw Damaged($"'{name}' is {Convert.ToHexStringLower(value)}, which is no revision.");
                }

                // A compaction that was only scheduled is a promise; what is left of it is left out here.
                _compacted = Math.Max(_compacted, main);
            }
        }
    }

    private void ReadLeases()
    {
        foreach ((byte[] key, byte[] value) in database.ReadBucket(EtcdFormat.LeaseBucket))
        {
            Lease lease = Parse(Lease.Parser, value, $"the lease {Convert.ToHexStringLower(key)}");
            if (key.Length != sizeof(long) || BinaryPrimitives.ReadInt64BigEndian(key) != lease.ID || lease.TTL <= 0)
            {
                throw Damaged(
                    $"the lease {Convert.ToHexStringLower(key)} says that it is {lease.ID:x} and lives {lease.TTL} s.");
            }

            _leases[lease.ID] = lease.TTL;
        }
    }

    private StateManifest ReadManifest()
    {
        var alarms = StateManifest.Empty.Alarms.ToBuilder();
        foreach ((byte[] key, _) in database.ReadBucket(EtcdFormat.AlarmBucket))
        {
            AlarmMember alarm = Parse(AlarmMember.Parser, key, "an alarm");
            alarms.Add((alarm.MemberID, alarm.Alarm));
        }

        return StateManifest.Empty with { Alarms = alarms.ToImmutable() };
    }

    private KvStore LoadStore()
    {
        KvStore store = new();
        List<KeyVersion> history = [];
        Dictionary<byte[], (VersionStamp Stamp, byte[] Bytes, int KeyLength)> atCompaction =
            new(KeyBytesComparer.Instance);
        (long Main, long Sub) last = (0, -1);
        bool isBehind = false;
        foreach ((byte[] key, byte[] value) in database.ReadBucket(EtcdFormat.KeyBucket))
        {
            (VersionStamp stamp, byte[] bytes, int keyLength) = ReadVersion(key, value, last);
            last = (stamp.ModRevision, stamp.Sub);
            if (stamp.ModRevision > _compacted)
            {
                LoadBase(store, atCompaction, history, ref isBehind);
                history.Add(store.Load(bytes, keyLength, stamp));
                continue;
            }

            // Up to the compacted revision only the newest version of a key counts, and a deletion leaves none.
            atCompaction.Remove(bytes[..keyLength]);
            if (stamp.Version > 0)
            {
                atCompaction.Add(bytes[..keyLength], (stamp, bytes, keyLength));
            }
            else if (stamp.ModRevision == _compacted)
            {
                history.Add(KeyVersion.Restore(bytes, keyLength, stamp, previous: null));
            }
        }

        LoadBase(store, atCompaction, history, ref isBehind);
        history.Sort(static (x, y) => (x.ModRevision, x.Sub).CompareTo((y.ModRevision, y.Sub)));
        store.EndLoad(
            Math.Max(1, Math.Max(last.Main, _compacted)), _compacted, CollectionsMarshal.AsSpan(history));
        return store;
    }

    /// <summary>What was there at the compacted revision comes first, in the order of keys.</summary>
    private void LoadBase(
        KvStore store, Dictionary<byte[], (VersionStamp Stamp, byte[] Bytes, int KeyLength)> atCompaction,
        List<KeyVersion> history, ref bool isBehind)
    {
        if (isBehind)
        {
            return;
        }

        isBehind = true;
        byte[][] keys = [.. atCompaction.Keys];
        Array.Sort(keys, static (x, y) => x.AsSpan().SequenceCompareTo(y));
        foreach (byte[] key in keys)
        {
            (VersionStamp stamp, byte[] bytes, int keyLength) = atCompaction[key];
            KeyVersion version = store.Load(bytes, keyLength, stamp);
            if (stamp.ModRevision == _compacted)
            {
                history.Add(version);
            }
        }
    }

    private (VersionStamp Stamp, byte[] Bytes, int KeyLength) ReadVersion(
        byte[] key, byte[] value, (long Main, long Sub) last)
    {
        if (!EtcdFormat.TryReadRevision(key, out long main, out long sub, out bool isTombstone) ||
            (main, sub).CompareTo(last) <= 0)
        {
            throw Damaged($"'{Convert.ToHexStringLower(key)}' stands behind the revision {last.Main}.{last.Sub}, and " +
                "is no later one.");
        }

        KeyValue pair = Parse(KeyValue.Parser, value, $"the version of revision {main}.{sub}");
        bool isRight = isTombstone
            ? pair.Key.Length > 0
            : pair.Key.Length > 0 && pair.ModRevision == main && pair.Version > 0 &&
                pair.CreateRevision > 0 && pair.CreateRevision <= main;
        if (!isRight)
        {
            throw Damaged($"the version of revision {main}.{sub} says that it is of revision {pair.ModRevision}, the " +
                $"{pair.Version}. since revision {pair.CreateRevision}, of a key of {pair.Key.Length} bytes.");
        }

        byte[] bytes = new byte[pair.Key.Length + (isTombstone ? 0 : pair.Value.Length)];
        pair.Key.Span.CopyTo(bytes);
        if (isTombstone)
        {
            return (new VersionStamp(main, (int)sub, 0, 0, 0), bytes, pair.Key.Length);
        }

        pair.Value.Span.CopyTo(bytes.AsSpan(pair.Key.Length));
        long lease = _withoutLease.Contains((main, (int)sub)) ? 0 : pair.Lease;
        return (new VersionStamp(main, (int)sub, pair.CreateRevision, pair.Version, lease), bytes, pair.Key.Length);
    }

    private bool FindLostLeases(KvStore store)
    {
        KeyVersion[] slice = new KeyVersion[KvStore.SliceKeys];
        KeyVersion? after = null;
        bool done;
        do
        {
            int taken = store.Tree.Slice(Store.KeyRange.All, after, slice, out done);
            foreach (KeyVersion version in slice.AsSpan(0, taken))
            {
                after = version;
                if (version.Lease != 0 && !_leases.ContainsKey(version.Lease))
                {
                    _withoutLease.Add((version.ModRevision, version.Sub));
                }
            }
        }
        while (!done);
        return _withoutLease.Count > 0;
    }

    private T Parse<T>(MessageParser<T> parser, byte[] bytes, string what)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Damaged($"{what} can't be read ({e.Message})");
        }
    }

    private InvalidDataException Damaged(string what) => new(
        $"{path} can't be restored: {what} Use another snapshot.");
}
