using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Tests.Snapshots;

namespace Lepton.Coordination.Tests.Hosting;

/// <summary>Members that are removed, and others that join.</summary>
public sealed class MemberDepartureTests : CoordinationTest, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-departure-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task Removed_WhileItRuns_StopsAndDoesNotStartAgain() => WithThreeAsync(async (options, members, client) =>
    {
        await RemoveAsync(client, await ListedAsync(client, static member => member.Name == "m2"));
        MemberRemovedException e = await Assert.ThrowsAsync<MemberRemovedException>(
            () => Step(members[2].Coordinator.Completion, "the member that was removed stops"));
        Assert.Contains("The member 'm2'", e.Message, StringComparison.Ordinal);
        Assert.Contains("was removed from the cluster", e.Message, StringComparison.Ordinal);
        await members[2].DisposeAsync();
        await Assert.ThrowsAsync<MemberRemovedException>(() => OwnMember.StartAsync(options[2]));
        await client.PutAsync("k", "v");
        Assert.False(members[0].Coordinator.Completion.IsCompleted);
    });

    [Fact]
    public Task Removed_WhileItWasDown_AsksTheOthersAndStops() => WithThreeAsync(async (options, members, client) =>
    {
        ClusterMember gone = await ListedAsync(
            client, static member => member is { Name: "m2", ClientUrls.Count: > 0 });
        await members[2].DisposeAsync();
        await RemoveAsync(client, gone);
        await using OwnMember again = await OwnMember.StartAsync(options[2]);
        MemberRemovedException e = await Assert.ThrowsAsync<MemberRemovedException>(
            () => Step(again.Coordinator.Completion, "the member learns that it was removed"));
        Assert.Contains("was removed from the cluster", e.Message, StringComparison.Ordinal);
        await again.DisposeAsync();
        await Assert.ThrowsAsync<MemberRemovedException>(() => OwnMember.StartAsync(options[2]));
    });

    /// <summary>It may have been one of the two that a write was acknowledged by.</summary>
    [Fact]
    public Task Start_TheWholeDirectoryIsLost_IsRefusedByWhatTheOthersKnow() => WithThreeAsync(
        async (options, members, client) =>
        {
            await ListedAsync(client, static member => member is { Name: "m2", ClientUrls.Count: > 0 });
            await members[2].DisposeAsync();
            Directory.Delete(PathOf("m2"), recursive: true);
            Exception e = await Assert.ThrowsAnyAsync<IOException>(() => OwnMember.StartAsync(options[2]));
            Assert.Contains("is empty, and the member 'm2'", e.Message, StringComparison.Ordinal);
            Assert.Contains("has served before", e.Message, StringComparison.Ordinal);
        });

    [Fact]
    public async Task Join_FirstLife_ALostLogIsNoticedAndTimesBeforeItsOwnAreNoRemoval()
    {
        CoordinatorOptions[] options = Cluster(1);
        await using OwnMember first = await OwnMember.StartAsync(options[0]);
        await first.ServesAsync();
        using CoordinationClient client = first.Coordinator.NewClient();
        string url = OwnMember.FreeUrl();
        await client.AddMemberAsync([url], asLearner: true);
        CoordinatorOptions joining = OwnMember.Alone(PathOf("m1"), url) with
        {
            Name = "m1",
            InitialCluster = $"{options[0].InitialCluster},m1={url}",
            InitialClusterState = "existing",
        };
        await using (OwnMember second = await OwnMember.StartAsync(joining))
        {
            await ListedAsync(client, static member => member.Name == "m1");
            Assert.False(second.Coordinator.Completion.IsCompleted);
        }

        Array.ForEach(Directory.GetFiles(Path.Combine(PathOf("m1"), "raft"), "*.seg"), File.Delete);
        Exception e = await Assert.ThrowsAnyAsync<IOException>(() => OwnMember.StartAsync(joining));
        Assert.Contains("holds no log, and this member has had one", e.Message, StringComparison.Ordinal);
    }

    private static async Task<ClusterMember> ListedAsync(CoordinationClient client, Func<ClusterMember, bool> isIt)
    {
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            if ((await client.ListMembersAsync(limit.Token)).FirstOrDefault(isIt) is { } found)
            {
                return found;
            }
        }
    }

    /// <summary>Where the leader changes on the way, the members are asked whether it was done.</summary>
    private static async Task RemoveAsync(CoordinationClient client, ClusterMember member)
    {
        bool isRemoved = false;
        while (!isRemoved)
        {
            try
            {
                await client.RemoveMemberAsync(member.Id);
                isRemoved = true;
            }
            catch (OutcomeUnknownException)
            {
                isRemoved = (await client.ListMembersAsync()).All(other => other.Id != member.Id);
            }
        }
    }

    /// <summary>Three members that serve, and a client of the first one.</summary>
    private async Task WithThreeAsync(Func<CoordinatorOptions[], OwnMember[], CoordinationClient, Task> test)
    {
        CoordinatorOptions[] options = Cluster(3);
        OwnMember[] members = await Task.WhenAll(options.Select(OwnMember.StartAsync));
        try
        {
            await members[0].ServesAsync();
            using CoordinationClient client = members[0].Coordinator.NewClient(
                new CoordinationClientOptions { CallTimeout = Patience });
            await test(options, members, client);
        }
        finally
        {
            foreach (OwnMember member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    private CoordinatorOptions[] Cluster(int members)
    {
        string[] peers = [.. Enumerable.Range(0, members).Select(_ => OwnMember.FreeUrl())];
        string cluster = string.Join(',', peers.Select((url, i) => $"m{i}={url}"));
        return [.. peers.Select((url, i) => OwnMember.Alone(PathOf($"m{i}"), url) with
        {
            Name = $"m{i}",
            InitialCluster = cluster,
        })];
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
