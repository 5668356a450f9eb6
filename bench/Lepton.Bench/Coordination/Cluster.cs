using System.Diagnostics;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Coordination;

/// <summary>Three members of one cluster on loopback, with their data in one directory.</summary>
internal sealed class Cluster : IDisposable
{
    private const int Members = 3;
    private const string ElectionMilliseconds = "1000";
    private const string HeartbeatMilliseconds = "100";
    private const string QuotaBytes = "8589934592";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private Cluster(IReadOnlyList<ClusterNode> nodes) => Nodes = nodes;

    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>Starts a cluster and waits until one member leads and all follow.</summary>
    public static async Task<Cluster> StartAsync(Arguments arguments)
    {
        ServerProgram program = ServerProgram.From(arguments);
        string directory = Path.Combine(arguments.Text("work-directory"), "cluster");
        Directory.CreateDirectory(directory);
        Uri[] urls = [.. FreePorts.Find(2 * Members).Select(port => new Uri($"http://127.0.0.1:{port}"))];
        string members = string.Join(',', Enumerable.Range(0, Members).Select(i => $"n{i}={Text(urls[Members + i])}"));
        ClusterNode[] nodes =
        [
            .. Enumerable.Range(0, Members)
                .Select(i => Node(program, directory, i, urls[i], urls[Members + i], members)),
        ];
        var cluster = new Cluster(nodes);
        try
        {
            foreach (ClusterNode node in nodes)
            {
                node.Start();
            }

            await cluster.LeaderAsync();
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Waits until all members that run know the same leader, and returns it.</summary>
    public async Task<ClusterNode> LeaderAsync()
    {
        ClusterNode? leader = null;
        await WaitAsync("a leader", async () => (leader = await FindLeaderAsync()) is not null);
        return leader!;
    }

    /// <summary>Waits until a member has applied what the leader had committed when this was called.</summary>
    public async Task CaughtUpAsync(ClusterNode node)
    {
        ClusterNode leader = await LeaderAsync();
        long index = (await leader.StatusAsync())?.RaftIndex ?? 0;
        await WaitAsync(
            $"{node.Name} to catch up",
            async () => await node.StatusAsync() is { } status && status.RaftAppliedIndex >= index);
    }

    /// <summary>The processors' time of all members.</summary>
    public TimeSpan ProcessorTime =>
        Nodes.Where(node => node.IsRunning).Aggregate(TimeSpan.Zero, (sum, node) => sum + node.ProcessorTime);

    public void Dispose()
    {
        foreach (ClusterNode node in Nodes)
        {
            node.Dispose();
        }
    }

    private async Task<ClusterNode?> FindLeaderAsync()
    {
        ClusterNode? leader = null;
        var seen = new HashSet<MemberId>();
        foreach (ClusterNode node in Nodes.Where(node => node.IsRunning))
        {
            if (await node.StatusAsync() is not { } status || status.Leader == MemberId.None)
            {
                return null;
            }

            seen.Add(status.Leader);
            leader = status.IsLeader ? node : leader;
        }

        return seen.Count == 1 ? leader : null;
    }

    private async Task WaitAsync(string what, Func<Task<bool>> isThere)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            if (Stopwatch.GetElapsedTime(started) > s_patience)
            {
                string logs = string.Join('\n', Nodes.Select(node => $"{node.Name}: {LastWords(node.LogFile)}"));
                throw new FailedRunException($"waited {s_patience.TotalMinutes} minutes for {what}\n{logs}");
            }

            await Task.Delay(s_pause);
        }
    }

    private static string LastWords(string logFile) =>
        File.Exists(logFile) ? File.ReadLines(logFile).LastOrDefault() ?? "" : "";

    private static ClusterNode Node(
        ServerProgram program, string directory, int number, Uri clients, Uri peers, string members)
    {
        string name = $"n{number}";
        string logFile = Path.Combine(directory, name + ".log");
        Command command = program.Member(
            logFile,
            [
                "--name", name, "--data-dir", Path.Combine(directory, name),
                "--listen-client-urls", Text(clients), "--advertise-client-urls", Text(clients),
                "--listen-peer-urls", Text(peers), "--initial-advertise-peer-urls", Text(peers),
                "--initial-cluster", members, "--quota-backend-bytes", QuotaBytes,
                "--heartbeat-interval", HeartbeatMilliseconds, "--election-timeout", ElectionMilliseconds,
            ]);
        return new ClusterNode(name, clients, command, logFile);
    }

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
