using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Bench.Sides;

/// <summary>Contenders that take one lock in turn, each with a client and a session of its own.</summary>
internal static class LockSide
{
    private const string Name = "bench/lock";

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["contenders", "seconds", "warm-up-seconds", .. ServerProgram.Options]);
        int contenders = (int)arguments.Number("contenders");
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        CoordinationClient[] clients =
        [
            .. Enumerable.Range(0, contenders).Select(_ => new CoordinationClient(
                new CoordinationClientOptions { Endpoints = [leader.ClientUrl] })),
        ];
        LeaseSession[] sessions =
            await Task.WhenAll(clients.Select(client => LeaseSession.StartAsync(client, new LeaseSessionOptions())));
        await ContendAsync(sessions, TimeSpan.FromSeconds(arguments.Number("warm-up-seconds")));
        TimeSpan processorTime = cluster.ProcessorTime;
        long started = Stopwatch.GetTimestamp();
        long taken = await ContendAsync(sessions, TimeSpan.FromSeconds(arguments.Number("seconds")));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        processorTime = cluster.ProcessorTime - processorTime;
        foreach (LeaseSession session in sessions)
        {
            await session.DisposeAsync();
        }

        Array.ForEach(clients, client => client.Dispose());
        new SideReport(seconds, taken / seconds, "", LoadReport.Cost(processorTime, taken)).Print();
    }

    /// <summary>Takes and releases until the time is over; returns how often.</summary>
    private static async Task<long> ContendAsync(LeaseSession[] sessions, TimeSpan time)
    {
        using var ending = new CancellationTokenSource(time);
        var seen = new Holders();
        await Task.WhenAll(sessions.Select(session => ContendAsync(session, seen, ending.Token)));
        return seen.Count;
    }

    private static async Task ContendAsync(LeaseSession session, Holders seen, CancellationToken ending)
    {
        var contended = new DistributedLock(session, Name);
        while (!ending.IsCancellationRequested)
        {
            HeldLock held = await contended.AcquireAsync(CancellationToken.None);
            seen.Enter(held.FencingToken);
            seen.Leave();
            await held.ReleaseAsync(CancellationToken.None);
        }
    }

    /// <summary>Checks that there is one holder at a time, each with a larger token than the one before.</summary>
    private sealed class Holders
    {
        private int _inside;
        private Revision _token;

        public long Count { get; private set; }

        public void Enter(Revision token)
        {
            if (Interlocked.Increment(ref _inside) != 1 || token <= _token)
            {
                throw new FailedRunException($"the lock was given to two, or its token {token} does not grow");
            }

            _token = token;
            Count++;
        }

        public void Leave() => Interlocked.Decrement(ref _inside);
    }
}
