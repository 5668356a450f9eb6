using Lepton.Coordination.Protocol;
using Lepton.Coordination.Watch;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>etcd's service <c>Watch</c>: streams with any number of watches each.</summary>
internal sealed class WatchService(ServiceCore core, WatchHub hub)
{
    private readonly EventEncodings _encodings = new();

    public void MapTo(ServiceMap map) => map.Duplex(
        "etcdserverpb.Watch", "Watch", WatchRequest.Parser, WatchResponse.Parser, WatchAsync);

    private async Task WatchAsync(
        IRpcServerStream<WatchRequest, WatchResponse> stream, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using WatchStream watches = new(core, hub, _encodings, stream);
        core.Metrics.AddWatchStreams(1);
        Task reading = watches.ReadRequestsAsync(ended.Token);
        Task writing = watches.WriteResponsesAsync(ended.Token);
        try
        {
            // The reader ends when the caller has no more requests; its watches go on.
            Task first = await Task.WhenAny(reading, writing).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
        finally
        {
            core.Metrics.AddWatchStreams(-1);
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
