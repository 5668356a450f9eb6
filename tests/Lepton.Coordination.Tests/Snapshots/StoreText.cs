using System.Globalization;
using System.Text;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Tests.Services;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Snapshots;

/// <summary>All that a server says of its keys, their history and its leases, as text.</summary>
internal static class StoreText
{
    private static readonly Google.Protobuf.ByteString All = Google.Protobuf.ByteString.CopyFrom(0);

    /// <summary>Reads it.</summary>
    /// <param name="channel">The server.</param>
    /// <param name="historyFrom">The first revision whose changes are told.</param>
    public static async Task<string> ReadAsync(RpcChannel channel, long historyFrom)
    {
        StringBuilder text = new();
        RangeResponse range = await channel.UnaryAsync(Methods.Range, new RangeRequest { Key = All, RangeEnd = All });
        text.Append(CultureInfo.InvariantCulture, $"revision {range.Header.Revision}\n");
        foreach (KeyValue pair in range.Kvs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{pair}\n");
        }

        foreach (Event change in await HistoryAsync(channel, historyFrom, range.Header.Revision))
        {
            text.Append(CultureInfo.InvariantCulture, $"{change}\n");
        }

        LeaseLeasesResponse leases = await channel.UnaryAsync(Methods.LeaseLeases, new LeaseLeasesRequest());
        foreach (long id in leases.Leases.Select(static lease => lease.ID).Order())
        {
            LeaseTimeToLiveResponse lease = await channel.UnaryAsync(
                Methods.LeaseTimeToLive, new LeaseTimeToLiveRequest { ID = id, Keys = true });
            string keys = string.Join(' ', lease.Keys.Order(Bytes).Select(static key => key.ToStringUtf8()));
            text.Append(CultureInfo.InvariantCulture, $"lease {id:x} granted {lease.GrantedTTL} keys {keys}\n");
        }

        return text.ToString();
    }

    private static Comparer<Google.Protobuf.ByteString> Bytes { get; } =
        Comparer<Google.Protobuf.ByteString>.Create(static (x, y) => x.Span.SequenceCompareTo(y.Span));

    private static async Task<List<Event>> HistoryAsync(RpcChannel channel, long from, long to)
    {
        await using RpcDuplexCall<WatchRequest, WatchResponse> stream = channel.OpenDuplex(Methods.Watch);
        await stream.WriteAsync(new WatchRequest
        {
            CreateRequest = new WatchCreateRequest { Key = All, RangeEnd = All, StartRevision = from },
        });
        List<Event> changes = [];
        while (changes.Count == 0 || changes[^1].Kv.ModRevision < to)
        {
            WatchResponse response = (await stream.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)))!;
            Assert.False(response.Canceled, response.CancelReason);
            changes.AddRange(response.Events);
        }

        return changes;
    }
}
