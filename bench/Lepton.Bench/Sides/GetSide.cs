using Lepton.Bench.Coordination;
using Lepton.Bench.Running;

namespace Lepton.Bench.Sides;

/// <summary>Linearizable reads of one key at the leader, so many in flight at a time.</summary>
internal static class GetSide
{
    private const string Key = "bench/get";

    public static async Task RunAsync(Arguments arguments)
    {
        LoadOptions options = LoadOptions.From(arguments);
        using Cluster cluster = await Cluster.StartAsync(arguments);
        ClusterNode leader = await cluster.LeaderAsync();
        await leader.Client.PutAsync(Key, options.Value);
        var load = new LoadGenerator(
            arguments.Text("work-directory"), leader.ClientUrl, "/etcdserverpb.KV/Range", GrpcFrame.Get(Key));
        await options.WarmUpAsync(load);
        TimeSpan processorTime = cluster.ProcessorTime;
        LoadResult result = await options.RunAsync(load);
        TimeSpan used = cluster.ProcessorTime - processorTime;
        if (result.DataBytes < result.Requests * options.Value.Length)
        {
            throw new FailedRunException(
                $"{result.Requests} answers have {result.DataBytes} bytes together, which can't hold the value");
        }

        LoadReport.Print(result, used, options);
    }
}
