using System.Text;
using Google.Protobuf;
using Lepton.Coordination.Bolt;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.Snapshots;

/// <summary>
/// Writes a state as the database that etcd would have it in. Beside the file it takes 8 bytes of memory for each key
/// that was there at the compacted revision: the file is in the order of revisions, and the store has those in the
/// order of keys.
/// </summary>
internal static class EtcdSnapshotWriter
{
    /// <summary>Writes, on any thread.</summary>
    /// <param name="state">What.</param>
    /// <param name="file">Empty, seekable; stays the caller's.</param>
    /// <param name="cancellationToken">Ends it between two versions.</param>
    public static void Write(StateSnapshot state, Stream file, CancellationToken cancellationToken)
    {
        BoltWriter bolt = new(file);
        Bucket(bolt, EtcdFormat.KeyBucket, Versions(state, cancellationToken));
        Bucket(bolt, EtcdFormat.LeaseBucket, Leases(state));
        Bucket(bolt, EtcdFormat.AlarmBucket, Alarms(state));
        Bucket(bolt, EtcdFormat.MetaBucket, Meta(state));
        foreach (string name in EtcdFormat.EmptyBuckets)
        {
            Bucket(bolt, name, []);
        }

        bolt.Finish();
    }

    private static void Bucket(
        BoltWriter bolt, string name, IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> pairs) =>
        bolt.WriteBucket(Encoding.UTF8.GetBytes(name), pairs);

    private static IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Versions(
        StateSnapshot state, CancellationToken cancellationToken)
    {
        List<KeyVersion> atCompaction = [.. state.BaseVersions()];
        atCompaction.Sort(static (x, y) => (x.ModRevision, x.Sub).CompareTo((y.ModRevision, y.Sub)));
        foreach (KeyVersion version in atCompaction.Concat(state.HistoryVersions()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            KeyValue pair = new()
            {
                Key = UnsafeByteOperations.UnsafeWrap(version.KeyMemory),
                Value = UnsafeByteOperations.UnsafeWrap(version.ValueMemory),
                CreateRevision = version.CreateRevision,
                ModRevision = version.IsTombstone ? 0 : version.ModRevision,
                Version = version.Version,
                Lease = version.Lease,
            };
            yield return (
                EtcdFormat.Revision(version.ModRevision, version.Sub, version.IsTombstone), pair.ToByteArray());
        }
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Leases(StateSnapshot state) =>
        state.Leases
            .Select(static lease => (
                new ReadOnlyMemory<byte>(EtcdFormat.Number(lease.Key)),
                new ReadOnlyMemory<byte>(new Lease { ID = lease.Key, TTL = lease.Value }.ToByteArray())))
            .Order(ByKey);

    private static IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Alarms(StateSnapshot state) =>
        state.Manifest.Alarms
            .Select(static on => (
                new ReadOnlyMemory<byte>(new AlarmMember { MemberID = on.Member, Alarm = on.Kind }.ToByteArray()),
                ReadOnlyMemory<byte>.Empty))
            .Order(ByKey);

    private static IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Meta(StateSnapshot state)
    {
        List<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> pairs =
        [
            Named(EtcdFormat.ConsistentIndex, EtcdFormat.Number(state.Applied.Value)),
        ];
        if (state.CompactedRevision >= 0)
        {
            byte[] revision = EtcdFormat.Revision(state.CompactedRevision);
            pairs.Add(Named(EtcdFormat.FinishedCompaction, revision));
            pairs.Add(Named(EtcdFormat.ScheduledCompaction, revision));
        }

        return pairs.Order(ByKey);
    }

    private static (ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value) Named(string name, byte[] value) =>
        (Encoding.UTF8.GetBytes(name), value);

    private static Comparer<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> ByKey { get; } =
        Comparer<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)>.Create(
            static (x, y) => x.Key.Span.SequenceCompareTo(y.Key.Span));
}
