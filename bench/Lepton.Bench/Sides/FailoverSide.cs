using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Sides;

/// <summary>Kills the leader, again and again: the time from the kill to the next put that is acknowledged.</summary>
internal static class FailoverSide
{
    /// <summary>The second figure: the longest time.</summary>
    public const string Slowest = "slowest";

    private const string Key = "bench/failover";
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_steadyTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["kills", .. ServerProgram.Options]);
        int kills = (int)arguments.Number("kills");
        using Cluster cluster = await Cluster.StartAsync(arguments);
        List<double> times = [];
        for (int i = 0; i < kills; i++)
        {
            ClusterNode leader = await cluster.LeaderAsync();
            foreach (ClusterNode node in cluster.Nodes)
            {
                await node.Client.PutAsync(Key, "before");
            }

            await Task.Delay(s_steadyTime);
            long killed = Stopwatch.GetTimestamp();
            leader.Kill();
            long acknowledged = await NextPutAsync([.. cluster.Nodes.Where(node => node != leader)]);
            times.Add(Stopwatch.GetElapsedTime(killed, acknowledged).TotalMilliseconds);
            leader.Start();
            await cluster.CaughtUpAsync(leader);
        }

        new SideReport(times.Sum() / 1000, Percentile.Of(times, 50), "")
        {
            Figures = new Dictionary<string, double> { [Slowest] = times.Max() },
        }.Print();
    }

    /// <summary>
    /// Puts every 10 ms, to the survivors in turn, without waiting for what was put before: a put that went to the dead
    /// leader's way may hang, and must not hide that the next one would pass.
    /// </summary>
    private static async Task<long> NextPutAsync(ClusterNode[] survivors)
    {
        using var ending = new CancellationTokenSource(s_timeMax);
        var first = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task> puts = [];
        for (int i = 0; !first.Task.IsCompleted; i++)
        {
            if (ending.IsCancellationRequested)
            {
                throw new FailedRunException($"no put passed within {s_timeMax.TotalSeconds} s of the leader's death");
            }

            puts.Add(PutAsync(survivors[i % survivors.Length], first, ending.Token));
            await Task.WhenAny(first.Task, Task.Delay(s_every, ending.Token));
        }

        await ending.CancelAsync();
        await Task.WhenAll(puts);
        return await first.Task;
    }

    private static async Task PutAsync(ClusterNode node, TaskCompletionSource<long> first, CancellationToken ending)
    {
        try
        {
            await node.Client.PutAsync(Key, "after", cancellationToken: ending);
            first.TrySetResult(Stopwatch.GetTimestamp());
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            // What is measured is when this ends.
            return;
        }
    }
}
