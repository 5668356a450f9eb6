using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Sides;

/// <summary>Puts of one key at the leader, so many in flight at a time.</summary>
internal static class PutSide
{
    private const string Key = "bench/put";

    public static async Task RunAsync(Arguments arguments)
    {
        LoadOptions options = LoadOptions.From(arguments);
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        var load = new LoadGenerator(
            arguments.Text("work-directory"), leader.ClientUrl, "/etcdserverpb.KV/Put",
            GrpcFrame.Put(Key, options.Value));
        LoadResult warm = await options.WarmUpAsync(load);
        long before = await VersionAsync(leader);
        TimeSpan processorTime = cluster.ProcessorTime;
        LoadResult result = await options.RunAsync(load);
        TimeSpan used = cluster.ProcessorTime - processorTime;

        // Some more may have been put than were answered when the time was over, never fewer.
        long put = await VersionAsync(leader) - before;
        if (before < warm.Requests || put < result.Requests || put > result.Requests + (2 * options.InFlight))
        {
            throw new FailedRunException($"{result.Requests} puts were acknowledged, and {put} are there");
        }

        LoadReport.Print(result, used, options);
    }

    private static async Task<long> VersionAsync(ClusterNode leader) =>
        (await leader.Client.GetAsync(Key))?.Version ?? 0;
}
