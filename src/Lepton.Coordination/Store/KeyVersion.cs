namespace Lepton.Coordination.Store;

/// <summary>
/// One version of one key: what a put or a delete left. Immutable but for the link to the version before it, which is
/// cut when compaction has made that one invisible. Key and value share one array, so that a version is two objects.
/// </summary>
internal sealed class KeyVersion
{
    /// <summary>Managed bytes of a version beside its key and value: the object, the array's header, its slots in the
    /// tree and in the history.</summary>
    public const int OverheadBytes = 72 + 24 + 32;

    private readonly byte[] _bytes;
    private readonly int _keyLength;

    private KeyVersion(byte[] bytes, int keyLength, long modRevision, int sub)
    {
        _bytes = bytes;
        _keyLength = keyLength;
        ModRevision = modRevision;
        Sub = sub;
    }

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> Key => _bytes.AsSpan(0, _keyLength);

    /// <summary>The value's bytes; none for a tombstone.</summary>
    public ReadOnlySpan<byte> Value => _bytes.AsSpan(_keyLength);

    /// <summary>The key's bytes, which never change.</summary>
    public ReadOnlyMemory<byte> KeyMemory => _bytes.AsMemory(0, _keyLength);

    /// <summary>The value's bytes, which never change.</summary>
    public ReadOnlyMemory<byte> ValueMemory => _bytes.AsMemory(_keyLength);

    /// <summary>The revision that wrote this version.</summary>
    public long ModRevision { get; }

    /// <summary>Its place within that revision, from 0.</summary>
    public int Sub { get; }

    /// <summary>The revision that created the key, after its last deletion; 0 for a tombstone.</summary>
    public long CreateRevision { get; private init; }

    /// <summary>Puts since the key was created, from 1; 0 for a tombstone.</summary>
    public long Version { get; private init; }

    /// <summary>The lease that the key lives by; 0 for none.</summary>
    public long Lease { get; private init; }

    /// <summary>The version before this one, a tombstone too; null where there was none, or it is compacted.</summary>
    public KeyVersion? Previous { get; private set; }

    /// <summary>Whether this version says that the key was deleted.</summary>
    public bool IsTombstone => Version == 0;

    /// <summary>What it counts in the store's size, in bytes.</summary>
    public int SizeBytes => _bytes.Length + OverheadBytes;

    /// <summary>A version by a put; the bytes are copied.</summary>
    public static KeyVersion Put(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long modRevision, int sub, long lease, KeyVersion? previous)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(key.Length + value.Length);
        key.CopyTo(bytes);
        value.CopyTo(bytes.AsSpan(key.Length));
        var lives = previous is { IsTombstone: false };
        return new KeyVersion(bytes, key.Length, modRevision, sub)
        {
            CreateRevision = lives ? previous!.CreateRevision : modRevision,
            Version = lives ? previous!.Version + 1 : 1,
            Lease = lease,
            Previous = previous,
        };
    }

    /// <summary>A tombstone by a delete.</summary>
    public static KeyVersion Tombstone(KeyVersion previous, long modRevision, int sub) =>
        new(previous.Key.ToArray(), previous._keyLength, modRevision, sub) { Previous = previous };

    /// <summary>A version as it was written down; the array is given away.</summary>
    public static KeyVersion Restore(byte[] bytes, int keyLength, VersionStamp stamp, KeyVersion? previous) =>
        new(bytes, keyLength, stamp.ModRevision, stamp.Sub)
        {
            CreateRevision = stamp.CreateRevision,
            Version = stamp.Version,
            Lease = stamp.Lease,
            Previous = previous,
        };

    /// <summary>The version that a read at a revision sees; null where the key is not there.</summary>
    public KeyVersion? At(long revision)
    {
        var version = this;
        while (version is not null && version.ModRevision > revision)
        {
            version = version.Previous;
        }

        return version is { IsTombstone: false } ? version : null;
    }

    /// <summary>Lets go of what was before. Only for the store's pruning, and only where no reader can still see
    /// it.</summary>
    public void CutPrevious() => Previous = null;
}
