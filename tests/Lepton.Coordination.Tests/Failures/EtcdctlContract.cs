using System.Diagnostics;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>etcd's own tool and these recipes use the same locks and elections.</summary>
public abstract class EtcdctlContract(ServerProgram server) : CoordinationTest
{
    private const string Program = "/usr/bin/etcdctl";

    [Fact]
    public async Task Lock_HeldByEtcdctl_KeepsUsOutUntilItEnds()
    {
        await using MemberCluster etcd = await StartAsync();
        using CoordinationClient client = etcd.NewClient();
        using Process etcdctl = Start(etcd, "lock", "shared");
        string? key = await Step(etcdctl.StandardOutput.ReadLineAsync(), "etcdctl gets the lock");
        DistributedLock mutex = new(client, "shared");
        Assert.Null(await mutex.TryAcquireAsync());
        Assert.StartsWith("shared/", key, StringComparison.Ordinal);

        Task<HeldLock> waiting = mutex.AcquireAsync();
        using Process interrupt = Process.Start("kill", ["-INT", $"{etcdctl.Id}"]);
        await using HeldLock held = await Step(waiting, "the lock is free when etcdctl ends");
        await Step(etcdctl.WaitForExitAsync(), "etcdctl ends");
    }

    [Fact]
    public async Task Lock_HeldByUs_KeepsEtcdctlOut()
    {
        await using MemberCluster etcd = await StartAsync();
        using CoordinationClient client = etcd.NewClient();
        HeldLock held = await new DistributedLock(client, "shared").AcquireAsync();
        using Process etcdctl = Start(etcd, "lock", "shared", "echo", "in");
        await QueueHasTwoAsync(client, held.FencingToken);
        Task<string?> line = etcdctl.StandardOutput.ReadLineAsync();
        Assert.False(line.IsCompleted);
        await held.ReleaseAsync();
        Assert.Equal("in", await Step(line, "etcdctl gets the lock"));
        await Step(etcdctl.WaitForExitAsync(), "etcdctl ends");
    }

    [Fact]
    public async Task Election_WonByEtcdctl_IsObserved()
    {
        await using MemberCluster etcd = await StartAsync();
        using CoordinationClient client = etcd.NewClient();
        using Process etcdctl = Start(etcd, "elect", "chief", "the tool");
        await using IAsyncEnumerator<Leader?> story =
            new LeaderElection(client, "chief").ObserveAsync().WithStepLimit().GetAsyncEnumerator();
        do
        {
            Assert.True(await story.MoveNextAsync());
        }
        while (story.Current is null);

        Assert.Equal((Bytes)"the tool", story.Current.Value);
        etcdctl.Kill();
        await Step(etcdctl.WaitForExitAsync(), "etcdctl ends");
    }

    [Fact]
    public async Task Member_AddedAndRemovedByEtcdctl_ComesAndGoes()
    {
        await using MemberCluster etcd = await StartAsync();
        using CoordinationClient client = etcd.NewClient();
        await client.PutAsync("a", "1");
        string added = await RunAsync(etcd, "member", "add", "next", "--learner", "--peer-urls=http://127.0.0.1:1");
        string id = added.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.Contains($"Member {id,16} added to cluster", added, StringComparison.Ordinal);
        Assert.Contains(
            $"{id}, unstarted, , http://127.0.0.1:1, , true", await RunAsync(etcd, "member", "list"),
            StringComparison.Ordinal);
        string removed = await RunAsync(etcd, "member", "remove", id);
        Assert.Contains($"Member {id,16} removed from cluster", removed, StringComparison.Ordinal);
        Assert.DoesNotContain(id, await RunAsync(etcd, "member", "list"), StringComparison.Ordinal);
        Assert.Equal((Bytes)"1", (await client.GetAsync("a"))!.Value);
    }

    private static async Task<string> RunAsync(MemberCluster etcd, params string[] words)
    {
        using Process etcdctl = Start(etcd, words);
        string output = await Step(
            etcdctl.StandardOutput.ReadToEndAsync(), $"etcdctl {string.Join(' ', words)} answers");
        await Step(etcdctl.WaitForExitAsync(), "etcdctl ends");
        return output;
    }

    private async Task<MemberCluster> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is missing. Install it: apt-get install etcd-client");
        return await MemberCluster.StartAsync(server, members: 1);
    }

    private static Process Start(MemberCluster etcd, params string[] words)
    {
        ProcessStartInfo start = new(
            Program, ["--endpoints", etcd.Endpoints[0].GetLeftPart(UriPartial.Authority), .. words])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        return Process.Start(start)!;
    }

    private static async Task QueueHasTwoAsync(CoordinationClient client, Revision since)
    {
        await foreach (WatchBatch _ in client.WatchAsync(
            KeyRange.Prefix("shared/"), new WatchOptions { StartRevision = since.Next }).WithStepLimit())
        {
            return;
        }
    }
}
