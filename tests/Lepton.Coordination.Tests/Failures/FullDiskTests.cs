using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Partitions;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Members whose data lies on small file systems, which fill up and get room again.</summary>
[Collection("failures")]
public sealed class FullDiskTests : CoordinationTest, IAsyncLifetime
{
    // Room for two segments of the log and for a snapshot of what is written here.
    private const int DiskMegabytes = 300;
    private const int ValueBytes = 1 << 20;

    // More than a segment holds, so that the log asks the disk for another one.
    private const int Values = 70;
    private readonly List<SmallDisk> _disks = [];
    private MemberCluster? _cluster;

    private MemberCluster Cluster => _cluster!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            _disks.ForEach(disk => disk.Dispose());
            GC.SuppressFinalize(this);
        }
    }

    [Fact]
    public async Task OnlyMember_RefusesWritesServesReadsStartsAgainAndGoesOn()
    {
        await StartAsync(members: 1);
        using CoordinationClient client = Cluster.NewClient();
        await client.PutAsync("small", "1");
        _disks[0].Fill();
        CoordinationException full = await FillLogAsync(client);
        Assert.Equal(CoordinationFailure.NoSpace, full.Failure);
        Assert.Contains("etcdserver: mvcc: database space exceeded", full.Message, StringComparison.Ordinal);
        Assert.Equal((Bytes)"1", (await client.GetAsync("small"))!.Value);

        // It elects itself on the full disk, too.
        await Cluster.Members[0].KillAsync();
        Cluster.Members[0].Start();
        await Cluster.ServesAsync();
        Assert.Equal((Bytes)"1", (await client.GetAsync("small"))!.Value);
        Assert.Equal(CoordinationFailure.NoSpace, (await FillLogAsync(client)).Failure);

        _disks[0].Free();
        await PutSurelyAsync(client, "small", "2");
        Assert.Equal((Bytes)"2", (await client.GetAsync("small"))!.Value);
    }

    [Fact]
    public async Task Follower_OthersGoOnWithoutItAndItCatchesUp()
    {
        await StartAsync(members: 3);
        int leader = await Cluster.LeaderAsync();
        (int full, int third) = ((leader + 1) % 3, (leader + 2) % 3);
        await using Workload work = Workload.Start(Cluster, "full", Patience);
        using CoordinationClient client = Cluster.NewClientOf(leader);
        await PutSurelyAsync(client, "small", "1");
        using CoordinationClient follower = Cluster.NewClientOf(full);
        Assert.Equal((Bytes)"1", (await follower.GetAsync("small"))!.Value);
        _disks[full].Fill();
        await PutManyAsync(client);
        Assert.Equal(
            (Bytes)"1", (await follower.GetAsync("small", new RangeOptions { Serializable = true }))!.Value);
        await CountsAgainAsync(full, third);
        Cluster.Members[third].Start();
        await work.ProgressAsync([0, 1, 2], "all serve after a follower's disk was full");
        await work.StopAndCheckAsync();
    }

    [Fact]
    public async Task Leader_HandsOverAndComesBack()
    {
        await StartAsync(members: 3);
        int leader = await Cluster.LeaderAsync();
        await using Workload work = Workload.Start(Cluster, "full", Patience);
        using CoordinationClient client = Cluster.NewClient();
        _disks[leader].Fill();
        await PutManyAsync(client);
        int successor = await NewLeaderAsync(leader);
        int third = 3 - leader - successor;
        await CountsAgainAsync(leader, third);
        Cluster.Members[third].Start();
        await work.ProgressAsync([0, 1, 2], "all serve after the leader's disk was full");
        await work.StopAndCheckAsync();
    }

    private async Task StartAsync(int members)
    {
        ServerProgram.Lepton.Require();
        for (int i = 0; i < members; i++)
        {
            _disks.Add(new SmallDisk(DiskMegabytes));
        }

        int[] ports = FreePorts.Find(2 * members);
        string all = string.Join(
            ',', Enumerable.Range(0, members).Select(i => $"m{i}=http://127.0.0.1:{ports[(2 * i) + 1]}"));
        _cluster = await MemberCluster.StartAsync(
            ServerProgram.Lepton, certificates: null, folder => Enumerable.Range(0, members)
                .Select(i => new MemberSettings
                {
                    Name = $"m{i}",
                    Data = Path.Combine(_disks[i].Path, "data"),
                    Client = new Uri($"http://127.0.0.1:{ports[2 * i]}"),
                    Peer = new Uri($"http://127.0.0.1:{ports[(2 * i) + 1]}"),
                    Cluster = all,
                    Token = folder.Name,
                }));
    }

    /// <summary>Gives a member room, takes another one away, and waits until the two that are left write.</summary>
    private async Task CountsAgainAsync(int full, int other)
    {
        _disks[full].Free();
        await Cluster.Members[other].KillAsync();
        using CoordinationClient client = Cluster.NewClient();
        await PutSurelyAsync(client, "small", "2");
        using CoordinationClient recovered = Cluster.NewClientOf(
            full, new CoordinationClientOptions { CallTimeout = Patience });
        Assert.Equal((Bytes)"2", (await recovered.GetAsync("small"))!.Value);
        Assert.Equal(ValueBytes, (await recovered.GetAsync("large"))!.Value.Length);
    }

    /// <summary>Writes until the member refuses because its disk is full.</summary>
    private static async Task<CoordinationException> FillLogAsync(CoordinationClient client)
    {
        for (int i = 0; i < Values; i++)
        {
            try
            {
                await client.PutAsync("large", RandomNumberGenerator.GetBytes(ValueBytes));
            }
            catch (OutcomeUnknownException)
            {
                // It was being written when the room was over, and is as soon as there is some.
                continue;
            }
            catch (CoordinationException e)
            {
                return e;
            }
        }

        Assert.Fail("The disk did not fill up.");
        throw new InvalidOperationException();
    }

    private static async Task PutManyAsync(CoordinationClient client)
    {
        for (int i = 0; i < Values; i++)
        {
            await PutSurelyAsync(client, "large", RandomNumberGenerator.GetBytes(ValueBytes));
        }
    }

    /// <summary>Puts a value, again where that failed, which does no harm here.</summary>
    private static async Task PutSurelyAsync(CoordinationClient client, string key, Bytes value)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                await client.PutAsync(key, value);
                return;
            }
            catch (CoordinationException e)
            {
                Assert.False(limit.IsCancellationRequested, $"'{key}' could not be put; at last: {e.Message}");
                await pause.WaitForNextTickAsync();
            }
        }
    }

    private async Task<int> NewLeaderAsync(int old)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            for (int i = 0; i < Cluster.Members.Count; i++)
            {
                using CoordinationClient client = Cluster.NewClientOf(i);
                if (i != old && (await client.GetStatusAsync(limit.Token)).IsLeader)
                {
                    return i;
                }
            }

            await pause.WaitForNextTickAsync(limit.Token);
        }
    }
}
