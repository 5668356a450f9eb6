using System.Diagnostics;
using Google.Protobuf;
using Lepton.Bench.Coordination;
using Lepton.Coordination.Client;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Bench.Sides;

/// <summary>
/// Many watchers of one key, the time from a put to the last one's event. Eight clients have one stream each, which
/// their watchers share, as those of etcd's own client do; the messages are read without any client's library.
/// </summary>
internal static class WatchSide
{
    private const int Clients = 8;
    private const string Key = "bench/watch";
    private static readonly RpcMethod<WatchRequest, WatchResponse> s_watch =
        new("etcdserverpb.Watch", "Watch", WatchRequest.Parser, WatchResponse.Parser);

    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["watchers", "puts", "warm-up-seconds", .. ServerProgram.Options]);
        int watchers = (int)arguments.Number("watchers");
        int puts = (int)arguments.Number("puts");
        var warmUp = TimeSpan.FromSeconds(arguments.Number("warm-up-seconds"));
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        PutResult first = await leader.Client.PutAsync(Key, "0");
        using var ending = new CancellationTokenSource();
        using var arrivals = new Arrivals(watchers);
        Task[] watches =
        [
            .. Enumerable.Range(0, Clients).Select(i => WatchAsync(
                leader.ClientUrl, Share(watchers, i), first.Revision.Value, arrivals, ending.Token)),
        ];
        await arrivals.AllAsync(s_timeMax);
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < warmUp)
        {
            await TimePutAsync(leader, arrivals);
        }

        List<double> times = [];
        TimeSpan processorTime = cluster.ProcessorTime;
        for (int i = 0; i < puts; i++)
        {
            times.Add((await TimePutAsync(leader, arrivals)).TotalMilliseconds);
        }

        processorTime = cluster.ProcessorTime - processorTime;
        await ending.CancelAsync();
        await Task.WhenAll(watches);
        string cost = LoadReport.Cost(processorTime, (long)puts * watchers);
        new SideReport(times.Sum() / 1000, Percentile.Of(times, 50), "", cost).Print();
    }

    /// <summary>From the start of a put to the last watcher's event.</summary>
    private static async Task<TimeSpan> TimePutAsync(ClusterNode leader, Arrivals arrivals)
    {
        arrivals.Reset();
        long started = Stopwatch.GetTimestamp();
        await leader.Client.PutAsync(Key, "1");
        await arrivals.AllAsync(s_timeMax);
        return Stopwatch.GetElapsedTime(started);
    }

    private static int Share(int watchers, int client) => (watchers + client) / Clients;

    /// <summary>Begins with the put that is there already, which shows that the watches are in place.</summary>
    private static async Task WatchAsync(
        Uri server, int watchers, long from, Arrivals arrivals, CancellationToken cancellation)
    {
        using var channel = new RpcChannel(server);
        await using RpcDuplexCall<WatchRequest, WatchResponse> call =
            channel.OpenDuplex(s_watch, cancellationToken: cancellation);
        try
        {
            for (int i = 0; i < watchers; i++)
            {
                var create = new WatchCreateRequest { Key = ByteString.CopyFromUtf8(Key), StartRevision = from };
                await call.WriteAsync(new WatchRequest { CreateRequest = create }, cancellation);
            }

            while (await call.ReadAsync(cancellation) is { } response)
            {
                arrivals.Add(response.Events.Count);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Enough was seen.
            return;
        }
    }

    /// <summary>Counts events, and says when each watcher has got the next one.</summary>
    private sealed class Arrivals : IDisposable
    {
        private readonly SemaphoreSlim _all = new(0);
        private readonly int _watchers;
        private int _missing;

        public Arrivals(int watchers) => (_watchers, _missing) = (watchers, watchers);

        public void Add(int events)
        {
            if (Interlocked.Add(ref _missing, -events) == 0)
            {
                _all.Release();
            }
        }

        public void Reset() => Volatile.Write(ref _missing, _watchers);

        public async Task AllAsync(TimeSpan timeout)
        {
            if (!await _all.WaitAsync(timeout))
            {
                throw new TimeoutException($"{_missing} of {_watchers} watchers heard nothing of the put.");
            }
        }

        public void Dispose() => _all.Dispose();
    }
}
