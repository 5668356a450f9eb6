using System.Diagnostics;
using Lepton.Bench.Objects;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;
using Lepton.Objects;
using Lepton.Storage.Hosting;

namespace Lepton.Bench.Sides;

/// <summary>What a killed node had is copied again by the two others, each at the rate that it was given.</summary>
internal static class RepairSide
{
    private const string Bucket = "bench";

    /// <summary>Of two copies on three nodes, each node has two thirds of the data.</summary>
    private const double DataPerNode = 1.5;

    private const long ObjectMebibytesMax = 1024;
    private const int Killed = 2;
    private static readonly TimeSpan s_repairTimeMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["mebibytes", "rate", .. ObjectServer.Options]);
        using ObjectServer server = await ObjectServer.StartAsync(
            arguments, "--copies", "2", "--repair-after", "1", "--repair-rate", arguments.Text("rate"));
        using ObjectClient client = new(server.Address);
        await client.MakeBucketAsync(Bucket);
        List<(LargeObject Object, Uri Get, int Version)> objects =
            await PutAsync(client, (long)(arguments.Number("mebibytes") * DataPerNode));
        using CoordinationClient coordination = new(new CoordinationClientOptions
        {
            Endpoints = [new Uri(server.Coordination)],
        });
        StorageCluster cluster = new(coordination);
        long lostBlocks = (await StatusAsync(cluster, server)).First(static node => node.Name == Name(Killed)).Blocks
            ?? throw new FailedRunException("the node that is to be killed does not tell how many blocks it has");
        server.Kill(Killed);
        double bytesPerSecond = await MeasureAsync(cluster, server);
        foreach ((LargeObject large, Uri get, int version) in objects)
        {
            using HttpConnection connection = await HttpConnection.OpenAsync(get);
            await large.CheckAsync(connection, get, version);
        }

        new SideReport(0, bytesPerSecond / 1e6, "", FormattableString.Invariant($"{lostBlocks} blocks")).Print();
    }

    private static string Name(int node) => ObjectServer.NameOf(node);

    private static async Task<List<(LargeObject Object, Uri Get, int Version)>> PutAsync(
        ObjectClient client, long mebibytes)
    {
        List<(LargeObject, Uri, int)> objects = [];
        for (int version = 0; mebibytes > 0; version++)
        {
            long some = Math.Min(mebibytes, ObjectMebibytesMax);
            mebibytes -= some;
            LargeObject large = new(some << 20);
            ObjectUrl url = new(Bucket, FormattableString.Invariant($"data-{version}"));
            TimeSpan time = TimeSpan.FromHours(1);
            Uri put = await client.PresignAsync(url, time, isForWriting: true);
            using HttpConnection connection = await HttpConnection.OpenAsync(put);
            await large.PutAsync(connection, put, version);
            objects.Add((large, await client.PresignAsync(url, time), version));
        }

        return objects;
    }

    private static async Task<IReadOnlyList<StorageNodeStatus>> StatusAsync(
        StorageCluster cluster, ObjectServer server) => (await cluster.StatusAsync(server.DataOf(0))).Nodes;

    /// <summary>Bytes a second, from the first that are moved to the last.</summary>
    private static async Task<double> MeasureAsync(StorageCluster cluster, ObjectServer server)
    {
        long began = Stopwatch.GetTimestamp();
        long first = 0;
        long firstAt = 0;
        while (Stopwatch.GetElapsedTime(began) < s_repairTimeMax)
        {
            StorageNodeStatus[] live =
                [.. (await StatusAsync(cluster, server)).Where(static node => node.Name != Name(Killed))];
            long moved = live.Sum(static node => node.RepairBytes ?? 0);
            if (first == 0 && moved > 0)
            {
                (first, firstAt) = (moved, Stopwatch.GetTimestamp());
            }

            if (first > 0 && live.All(static node => node is { RepairBytes: > 0, RepairShare: 1, CopiesMissing: 0 }))
            {
                return (moved - first) / Stopwatch.GetElapsedTime(firstAt).TotalSeconds;
            }

            await Task.Delay(s_pause);
        }

        throw new FailedRunException($"the copies were not made within {s_repairTimeMax}");
    }
}
