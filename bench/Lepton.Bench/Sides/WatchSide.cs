using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Sides;

/// <summary>Many watchers of one key, each on a stream of its own: the time from a put to the last one's event.</summary>
internal static class WatchSide
{
    private const int Channels = 8;
    private const string Key = "bench/watch";
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["watchers", "puts", "warm-up-puts", .. ServerProgram.Options]);
        int watchers = (int)arguments.Number("watchers");
        int puts = (int)arguments.Number("puts");
        int warmUps = (int)arguments.Number("warm-up-puts");
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        PutResult first = await leader.Client.PutAsync(Key, "0");
        CoordinationClient[] clients =
        [
            .. Enumerable.Range(0, Channels).Select(_ => new CoordinationClient(
                new CoordinationClientOptions { Endpoints = [leader.ClientUrl] })),
        ];
        using var ending = new CancellationTokenSource();
        using var arrivals = new Arrivals(watchers);
        Task[] watches =
        [
            .. Enumerable.Range(0, watchers).Select(
                i => WatchAsync(clients[i % Channels], first.Revision, arrivals, ending.Token)),
        ];
        await arrivals.AllAsync(s_timeMax);
        List<double> times = [];
        TimeSpan processorTime = TimeSpan.Zero;
        for (int i = -warmUps; i < puts; i++)
        {
            if (i == 0)
            {
                processorTime = cluster.ProcessorTime;
            }

            arrivals.Reset();
            long started = Stopwatch.GetTimestamp();
            await leader.Client.PutAsync(Key, "1");
            await arrivals.AllAsync(s_timeMax);
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        processorTime = cluster.ProcessorTime - processorTime;
        await ending.CancelAsync();
        await Task.WhenAll(watches);
        Array.ForEach(clients, client => client.Dispose());
        string cost = LoadReport.Cost(processorTime, (long)puts * watchers);
        new SideReport(times.Sum() / 1000, Percentile.Of(times, 50), "", cost).Print();
    }

    /// <summary>Begins with the put that is there already, which shows that the watch is in place.</summary>
    private static async Task WatchAsync(
        CoordinationClient client, Revision from, Arrivals arrivals, CancellationToken cancellation)
    {
        try
        {
            var options = new WatchOptions { StartRevision = from };
            await foreach (WatchBatch batch in client.WatchAsync(KeyRange.Of(Key), options, cancellation))
            {
                arrivals.Add(batch.Events.Count);
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
