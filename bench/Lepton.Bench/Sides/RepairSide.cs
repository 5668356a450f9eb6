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
        server.Kill(Killed);
        (double bytesPerSecond, long moved) = await MeasureAsync(cluster);
        foreach ((LargeObject large, Uri get, int version) in objects)
        {
            using HttpConnection connection = await HttpConnection.OpenAsync(get);
            await large.CheckAsync(connection, get, version);
        }

        new SideReport(0, bytesPerSecond / 1e6, "", FormattableString.Invariant($"{moved >> 20} MiB copied")).Print();
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

    /// <summary>
    /// Nodes tell every few seconds how much they have moved: what counts is what each has between the first and the
    /// last time that it told so and was not done.
    /// </summary>
    private static async Task<(double BytesPerSecond, long Bytes)> MeasureAsync(StorageCluster cluster)
    {
        long began = Stopwatch.GetTimestamp();
        Dictionary<string, (long First, long FirstAt, long Last, long LastAt)> told = [];
        while (Stopwatch.GetElapsedTime(began) < s_repairTimeMax)
        {
            StorageNodeStatus[] live =
                [.. (await cluster.StatusAsync()).Nodes.Where(static node => node.Name != Name(Killed))];
            long now = Stopwatch.GetTimestamp();
            foreach (StorageNodeStatus node in live.Where(static one => one is { RepairBytes: > 0, RepairShare: < 1 }))
            {
                long moved = node.RepairBytes!.Value;
                (long First, long FirstAt, long Last, long) before = told.GetValueOrDefault(node.Name);
                if (moved < before.Last || before.Last == 0)
                {
                    told[node.Name] = (moved, now, moved, now);
                }
                else if (moved > before.Last)
                {
                    told[node.Name] = (before.First, before.FirstAt, moved, now);
                }
            }

            if (live.All(static node => node is { RepairBytes: > 0, RepairShare: 1, CopiesMissing: 0 }))
            {
                return told.Count == live.Length && told.Values.All(static node => node.LastAt > node.FirstAt)
                    ? (
                        told.Values.Sum(static node => (node.Last - node.First)
                            / Stopwatch.GetElapsedTime(node.FirstAt, node.LastAt).TotalSeconds),
                        live.Sum(static node => node.RepairBytes!.Value))
                    : throw new FailedRunException(
                        "the copies were made before each node had told twice how far it is; give more --mebibytes");
            }

            await Task.Delay(s_pause);
        }

        throw new FailedRunException($"the copies were not made within {s_repairTimeMax}");
    }
}
