using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Tests.Services;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Snapshots;

/// <summary>Something of everything that a snapshot must keep.</summary>
internal static class StoreContent
{
    public const long CompactedRevision = 400;

    /// <summary>Writes it: many keys, a key of several pages, deletes, transactions, leases, a compaction in
    /// between.</summary>
    public static async Task WriteAsync(RpcChannel channel)
    {
        await channel.UnaryAsync(Methods.LeaseGrant, new LeaseGrantRequest { ID = 0x1234, TTL = 3600 });
        await channel.UnaryAsync(Methods.LeaseGrant, new LeaseGrantRequest { ID = 0x7fff_ffff_ffff, TTL = 7200 });
        await channel.UnaryAsync(Methods.LeaseGrant, new LeaseGrantRequest { ID = 0x99, TTL = 60 });
        for (int i = 0; i < 6; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(j => channel.UnaryAsync(Methods.Put, new PutRequest
            {
                Key = Methods.Bytes($"key/{j:d3}"),
                Value = Methods.Bytes($"value {i} of {j}"),
                Lease = j % 10 == 0 ? 0x1234 : 0,
            })));
        }

        await channel.UnaryAsync(Methods.Put, new PutRequest
        {
            Key = Methods.Bytes("large"), Value = ByteString.CopyFrom(new byte[50_000]), Lease = 0x7fff_ffff_ffff,
        });
        await channel.UnaryAsync(Methods.DeleteRange, new DeleteRangeRequest
        {
            Key = Methods.Bytes("key/020"), RangeEnd = Methods.Bytes("key/040"),
        });
        await channel.UnaryAsync(Methods.Put, new PutRequest
        {
            Key = Methods.Bytes("key/025"), Value = Methods.Bytes("again"),
        });
        await channel.UnaryAsync(Methods.Txn, new TxnRequest
        {
            Success =
            {
                new RequestOp { RequestPut = new PutRequest { Key = Methods.Bytes("t/1"), Lease = 0x99 } },
                new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Methods.Bytes("key/001") } },
                new RequestOp { RequestPut = new PutRequest { Key = Methods.Bytes("t/2"), PrevKv = true } },
            },
        });
        await channel.UnaryAsync(Methods.LeaseRevoke, new LeaseRevokeRequest { ID = 0x99 });
        await channel.UnaryAsync(
            Methods.Compact, new CompactionRequest { Revision = CompactedRevision, Physical = true });
    }
}
