using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Coordination.Store;

/// <summary>
/// A checksum of what the store says about a stretch of revisions: the same on every node that holds the same, whatever
/// it has freed already. It covers, key by key, every version after the compacted revision up to the revision asked
/// for, and the one that was there at the compacted revision.
/// </summary>
internal static class StateHash
{
    private const int StampBytes = 44;

    /// <summary>Computes the checksum, on any thread.</summary>
    /// <param name="store">Whose.</param>
    /// <param name="revision">Up to which revision; 0 or less for the latest.</param>
    /// <param name="hash">The checksum.</param>
    /// <param name="compacted">The compacted revision that it begins with.</param>
    public static ReadFailure Compute(KvStore store, long revision, out uint hash, out long compacted)
    {
        hash = 0;
        RevisionPin pin;
        lock (store.Gate)
        {
            compacted = store.CompactedRevision;
            var failure = store.Check(revision, store.Revision);
            if (failure != ReadFailure.None)
            {
                return failure;
            }

            revision = revision > 0 ? revision : store.Revision;
            pin = store.PinLocked(compacted);
        }

        using (pin)
        {
            foreach (var head in StoreScan.Heads(store))
            {
                hash = OfKey(head, revision, compacted, hash);
            }
        }

        return ReadFailure.None;
    }

    private static uint OfKey(KeyVersion head, long revision, long compacted, uint hash)
    {
        Span<byte> stamp = stackalloc byte[StampBytes];
        for (var version = head; version is not null; version = version.Previous)
        {
            if (version.ModRevision <= revision && !(version.IsTombstone && version.ModRevision <= compacted))
            {
                BinaryPrimitives.WriteInt64LittleEndian(stamp, version.ModRevision);
                BinaryPrimitives.WriteInt32LittleEndian(stamp[8..], version.Sub);
                BinaryPrimitives.WriteInt64LittleEndian(stamp[12..], version.CreateRevision);
                BinaryPrimitives.WriteInt64LittleEndian(stamp[20..], version.Version);
                BinaryPrimitives.WriteInt64LittleEndian(stamp[28..], version.Lease);
                BinaryPrimitives.WriteInt32LittleEndian(stamp[36..], version.Key.Length);
                BinaryPrimitives.WriteInt32LittleEndian(stamp[40..], version.Value.Length);
                hash = Crc32C.Compute(stamp, hash);
                hash = Crc32C.Compute(version.Value, Crc32C.Compute(version.Key, hash));
            }

            if (version.ModRevision <= compacted)
            {
                break;
            }
        }

        return hash;
    }
}
