using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>The replicated state as services read it: failures are exceptions in etcd's words. Thread safe.</summary>
internal sealed class ServiceState(CoordinationState state)
{
    /// <summary>The revision of the last change that was applied.</summary>
    public long Revision => state.Store.Revision;

    /// <summary>The revision up to which history is gone; 0 where none is.</summary>
    public long CompactRevision => Math.Max(state.Store.CompactedRevision, 0);

    /// <summary>How many bytes the keys take, as the quota counts them.</summary>
    public long SizeBytes => state.Store.SizeBytes;

    /// <summary>What applying a command returned, as a response or an exception.</summary>
    public static TResponse Answer<TResponse>(object? applied)
        where TResponse : class, IMessage<TResponse>
    {
        CommandResult result = (CommandResult)applied!;
        return result.Failure == CommandFailure.None
            ? (TResponse)result.Response!
            : throw StatusOf(result.Failure).Raise();
    }

    /// <summary>Reads keys. The header has the revision.</summary>
    public RangeResponse Range(RangeRequest request) => Answer<RangeResponse>(Reads.Range(state.Store, request));

    /// <summary>Carries out a transaction that changes nothing, all at one revision.</summary>
    public TxnResponse ReadTxn(TxnRequest request) => Answer<TxnResponse>(Reads.Txn(state.Store, request));

    /// <summary>Whether memory of compacted versions waits to be freed.</summary>
    public bool HasGarbage => state.HasGarbage;

    /// <summary>All leases, in ascending order.</summary>
    public IEnumerable<long> Leases() => state.Leases.TtlSeconds.Keys;

    /// <summary>The keys of a lease in ascending order; none where there is no such lease.</summary>
    public IEnumerable<ByteString> LeaseKeys(long leaseId) =>
        state.Leases.KeysOf(leaseId)?.Select(static key => UnsafeByteOperations.UnsafeWrap(key)) ?? [];

    /// <summary>The alarms that are on.</summary>
    public IReadOnlyList<AlarmMember> Alarms() => state.Manifest.Alarms.IsEmpty
        ? []
        : [.. state.Manifest.Alarms.Select(static on => new AlarmMember { MemberID = on.Member, Alarm = on.Kind })];

    /// <summary>Where clients reach a member; none until it has started.</summary>
    public IEnumerable<string> ClientUrls(ulong memberId) =>
        state.Manifest.ClientUrls.TryGetValue(memberId, out var urls) ? urls : [];

    /// <summary>The hash of all keys and versions up to a revision, 0 for the latest.</summary>
    public (uint Hash, long Revision, long CompactRevision) HashKeys(long revision)
    {
        KvStore store = state.Store;
        long upTo = revision > 0 ? revision : store.Revision;
        ReadFailure failure = StateHash.Compute(store, upTo, out uint hash, out long compacted);
        return failure == ReadFailure.None
            ? (hash, upTo, compacted)
            : throw StatusOf(Messages.ToFailure(failure)).Raise();
    }

    private static RpcStatus StatusOf(CommandFailure failure) => failure switch
    {
        CommandFailure.Compacted => EtcdStatus.Compacted,
        CommandFailure.FutureRevision => EtcdStatus.FutureRevision,
        CommandFailure.KeyNotFound => EtcdStatus.KeyNotFound,
        CommandFailure.LeaseNotFound => EtcdStatus.LeaseNotFound,
        CommandFailure.LeaseExists => EtcdStatus.LeaseExists,
        CommandFailure.LeaseTtlTooLarge => EtcdStatus.LeaseTtlTooLarge,
        CommandFailure.NoSpace => EtcdStatus.NoSpace,
        CommandFailure.Corrupt => EtcdStatus.Corrupt,
        _ => new RpcStatus(StatusCode.Unknown, $"etcdserver: the command failed: {failure}"),
    };
}
