using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Processes;

/// <summary>
/// Three nodes whose ways to each other are cut while objects are written: who reaches a majority serves, nothing that
/// was acknowledged is lost or old, and once the network is whole all copies are there again.
/// </summary>
public sealed class PartitionTests : IAsyncDisposable
{
    private static readonly string[] s_all = ["s1", "s2", "s3"];
    private NodeNetworks? _networks;
    private ProcessGroup? _group;

    public async ValueTask DisposeAsync()
    {
        await (_group?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_networks?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public Task NodeNotHeard_OneWay_TheOthersServe() => SurviveAsync(
        static () =>
        {
            NodeNetworks.Lose("s1", "s2");
            NodeNetworks.Lose("s1", "s3");
        },
        "s2", "s3");

    [Fact]
    public Task NodeHearsNothing_OneWay_TheOthersServe() => SurviveAsync(
        static () =>
        {
            NodeNetworks.Lose("s2", "s1");
            NodeNetworks.Lose("s3", "s1");
        },
        "s2", "s3");

    [Fact]
    public Task TwoNodesThatSeeOnlyTheThird_AllServe() => SurviveAsync(
        static () =>
        {
            NodeNetworks.Lose("s1", "s2");
            NodeNetworks.Lose("s2", "s1");
        },
        "s1", "s2", "s3");

    private async Task SurviveAsync(Action cut, params string[] serving)
    {
        _networks = await NodeNetworks.StartAsync(s_all.Length);
        _group = new ProcessGroup { Networks = _networks };
        await _group.StartAsync(s_all);
        await using VersionedWrites writes = new(_group, s_all);
        await writes.MoreAsync(s_all);
        cut();
        Dictionary<string, int> before = s_all.Except(serving).ToDictionary(static node => node, writes.VersionOf);
        await writes.MoreAsync(serving);

        // One write may have been on its way back.
        Assert.All(before, node => Assert.InRange(writes.VersionOf(node.Key), node.Value, node.Value + 1));
        _networks.Heal();
        await writes.MoreAsync(s_all);
        await writes.StopAndCheckAsync();
        HashSet<BlockId> blocks = await _group.ReferredBlocksAsync();
        Assert.NotEmpty(blocks);
        foreach (string name in s_all)
        {
            await _group.HealedAsync(name, blocks, $"{name} has all copies once the network is whole");
        }
    }
}
