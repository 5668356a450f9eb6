using System.Buffers.Binary;

namespace Lepton.Coordination.Snapshots;

/// <summary>How etcd 3.4 and later lay out their database: buckets, keys, numbers (big-endian).</summary>
internal static class EtcdFormat
{
    /// <summary>Versions of keys, by revision.</summary>
    public const string KeyBucket = "key";

    /// <summary>Raft's index, compacted revisions.</summary>
    public const string MetaBucket = "meta";

    /// <summary>Leases, by id.</summary>
    public const string LeaseBucket = "lease";

    /// <summary>Alarms: each is a key, without a value.</summary>
    public const string AlarmBucket = "alarm";

    /// <summary>In <see cref="MetaBucket"/>: the last entry of the log that the database holds.</summary>
    public const string ConsistentIndex = "consistent_index";

    /// <summary>In <see cref="MetaBucket"/>: the revision up to which all that is hidden has been removed.</summary>
    public const string FinishedCompaction = "finishedCompactRev";

    /// <summary>In <see cref="MetaBucket"/>: the revision up to which it will be.</summary>
    public const string ScheduledCompaction = "scheduledCompactRev";

    /// <summary>Users, and whether there are any.</summary>
    public const string AuthBucket = "auth";

    /// <summary>In <see cref="AuthBucket"/>: one byte, 1 where clients are asked for users.</summary>
    public const string AuthEnabled = "authEnabled";

    /// <summary>Main revision, <c>_</c>, place within it.</summary>
    public const int RevisionBytes = 17;

    private const byte Tombstone = (byte)'t';

    /// <summary>Buckets that etcd has and that hold nothing here: a new cluster's members are not the old
    /// one's.</summary>
    public static readonly string[] EmptyBuckets =
        [AuthBucket, "authRoles", "authUsers", "cluster", "members", "members_removed"];

    /// <summary>The key of a version, or a revision of <see cref="MetaBucket"/>.</summary>
    public static byte[] Revision(long main, long sub = 0, bool isTombstone = false)
    {
        byte[] key = new byte[isTombstone ? RevisionBytes + 1 : RevisionBytes];
        BinaryPrimitives.WriteInt64BigEndian(key, main);
        key[8] = (byte)'_';
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(9), sub);
        if (isTombstone)
        {
            key[RevisionBytes] = Tombstone;
        }

        return key;
    }

    /// <summary>Reads what <see cref="Revision"/> wrote; false where it is no such thing.</summary>
    public static bool TryReadRevision(ReadOnlySpan<byte> key, out long main, out long sub, out bool isTombstone)
    {
        (main, sub) = (0, 0);
        isTombstone = key.Length == RevisionBytes + 1 && key[RevisionBytes] == Tombstone;
        if ((key.Length != RevisionBytes && !isTombstone) || key[8] != (byte)'_')
        {
            return false;
        }

        main = BinaryPrimitives.ReadInt64BigEndian(key);
        sub = BinaryPrimitives.ReadInt64BigEndian(key[9..]);
        return main >= 0 && sub is >= 0 and <= int.MaxValue;
    }

    /// <summary>A number as a key or a value.</summary>
    public static byte[] Number(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
