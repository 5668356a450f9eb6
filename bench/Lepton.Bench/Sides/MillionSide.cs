using System.Diagnostics;
using System.Globalization;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Sides;

/// <summary>Many keys: what a member holds in memory with them, and how long its restart takes.</summary>
internal static class MillionSide
{
    /// <summary>The second figure: from a member's start to its first linearizable answer.</summary>
    public const string Restart = "restart";

    private const int KeyBytes = 256;
    private const int Writers = 8;
    private const int KeysEach = 64;
    private const double BytesPerMiB = 1 << 20;

    // Odd and prime to the numbers of keys, so that keys come in no order, each once.
    private const long Stride = 7_368_787;
    private static readonly TimeSpan s_settleTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_restartMax = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["keys", .. ServerProgram.Options]);
        long keys = arguments.Number("keys");
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        long started = Stopwatch.GetTimestamp();
        await FillAsync(leader, keys);
        double fillSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (ClusterNode node in cluster.Nodes)
        {
            await cluster.CaughtUpAsync(node);
        }

        await Task.Delay(s_settleTime);
        double[] resident = [.. cluster.Nodes.Select(node => node.MemoryBytes("VmRSS") / BytesPerMiB)];
        double files = cluster.Nodes.Average(node => node.MemoryBytes("RssFile") / BytesPerMiB);
        ClusterNode follower = cluster.Nodes.First(node => node != leader);
        double seconds = await RestartAsync(follower, keys);
        string note = FormattableString.Invariant(
            $"{resident.Min():0} to {resident.Max():0} MiB, {files:0} of it mapped files; filled in {fillSeconds:0} s");
        new SideReport(fillSeconds, resident.Average(), "", note)
        {
            Figures = new Dictionary<string, double> { [Restart] = seconds },
        }.Print();
    }

    private static async Task FillAsync(ClusterNode leader, long keys)
    {
        using var client = new CoordinationClient(new CoordinationClientOptions
        {
            Endpoints = [leader.ClientUrl],
            CallTimeout = TimeSpan.FromMinutes(1),
        });
        long next = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync()));

        async Task WriteAsync()
        {
            while (Interlocked.Add(ref next, KeysEach) - KeysEach is var from && from < keys)
            {
                Operation[] puts =
                [
                    .. Enumerable.Range(0, (int)Math.Min(KeysEach, keys - from))
                        .Select(i => Operation.Put(Key((from + i) * Stride % keys), Value(from + i))),
                ];
                await client.CommitAsync(Txn.Do(puts));
            }
        }
    }

    private static async Task<double> RestartAsync(ClusterNode node, long keys)
    {
        await node.StopAsync();
        long started = Stopwatch.GetTimestamp();
        node.Start();
        while (Stopwatch.GetElapsedTime(started) < s_restartMax)
        {
            try
            {
                return await node.Client.GetAsync(Key(keys - 1)) is not null
                    ? Stopwatch.GetElapsedTime(started).TotalSeconds
                    : throw new FailedRunException("a key is gone after a restart");
            }
            catch (CoordinationException)
            {
                await Task.Delay(s_pause);
            }
        }

        throw new FailedRunException($"the member did not serve within {s_restartMax.TotalMinutes} minutes");
    }

    private static string Key(long number) =>
        "bench/" + number.ToString("D10", CultureInfo.InvariantCulture).PadRight(KeyBytes - "bench/".Length, 'k');

    private static byte[] Value(long number)
    {
        byte[] value = new byte[LoadOptions.ValueBytes];
        Array.Fill(value, (byte)('a' + (number % 26)));
        return value;
    }
}
