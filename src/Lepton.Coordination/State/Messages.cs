using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>Between the store's types and those of the protocol. Bytes are shared, not copied: a version's never
/// change.</summary>
internal static class Messages
{
    /// <summary>A version as the protocol shows a key.</summary>
    public static KeyValue ToKeyValue(KeyVersion version, bool keysOnly = false)
    {
        var pair = new KeyValue
        {
            Key = UnsafeByteOperations.UnsafeWrap(version.KeyMemory),
            CreateRevision = version.CreateRevision,
            ModRevision = version.ModRevision,
            Version = version.Version,
            Lease = version.Lease,
        };
        if (!keysOnly)
        {
            pair.Value = UnsafeByteOperations.UnsafeWrap(version.ValueMemory);
        }

        return pair;
    }

    /// <summary>A change as the protocol tells it to watchers.</summary>
    public static Event ToEvent(in KeyChange change, bool withPrevious)
    {
        var told = new Event
        {
            Type = change.Version.IsTombstone ? Event.Types.EventType.Delete : Event.Types.EventType.Put,
            Kv = ToKeyValue(change.Version),
        };
        if (withPrevious && change.Previous is { } previous)
        {
            told.PrevKv = ToKeyValue(previous);
        }

        return told;
    }

    /// <summary>A header that holds the revision alone.</summary>
    public static ResponseHeader Header(long revision) => new() { Revision = revision };

    /// <summary>The keys that a request names.</summary>
    public static KeyRange ToRange(ByteString key, ByteString end) => new(key.Memory, end.Memory);

    /// <summary>What a request wants to read.</summary>
    public static RangeQuery ToQuery(RangeRequest request) => new(
        ToRange(request.Key, request.RangeEnd), request.Revision)
    {
        LimitMax = request.Limit,
        CountOnly = request.CountOnly,
        Order = request.SortTarget switch
        {
            RangeRequest.Types.SortTarget.Version => RangeOrder.Version,
            RangeRequest.Types.SortTarget.Create => RangeOrder.CreateRevision,
            RangeRequest.Types.SortTarget.Mod => RangeOrder.ModRevision,
            RangeRequest.Types.SortTarget.Value => RangeOrder.Value,
            _ => RangeOrder.Key,
        },
        Descending = request.SortOrder == RangeRequest.Types.SortOrder.Descend,
        ModRevisionMin = request.MinModRevision,
        ModRevisionMax = request.MaxModRevision,
        CreateRevisionMin = request.MinCreateRevision,
        CreateRevisionMax = request.MaxCreateRevision,
    };

    /// <summary>The answer to a range.</summary>
    public static RangeResponse ToResponse(RangeRequest request, in RangeResult result)
    {
        var response = new RangeResponse { Header = Header(result.Revision), Count = result.Count, More = result.More };
        foreach (var version in result.Versions)
        {
            response.Kvs.Add(ToKeyValue(version, request.KeysOnly));
        }

        return response;
    }

    /// <summary>The failure of a read.</summary>
    public static CommandFailure ToFailure(ReadFailure failure) => failure switch
    {
        ReadFailure.None => CommandFailure.None,
        ReadFailure.Compacted => CommandFailure.Compacted,
        _ => CommandFailure.FutureRevision,
    };
}
