using System.Collections.Immutable;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Tests.Replication;

/// <summary>Repair among nodes of which one has no room.</summary>
public sealed class BlockRepairerTests : IClusterSource, IRepairQueue, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ClusterNode[] _nodes =
        [.. Enumerable.Range(1, 3).Select(static i => new ClusterNode(
            new NodeId($"{i:D32}"), $"s{i}", new Uri($"http://127.0.0.1:{i}"), "", 1, IsDraining: false))];
    private int _asked;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    NodeId IClusterSource.Self => _nodes[0].Id;

    ClusterView IClusterSource.View => new(
        new Revision(1), new ClusterLayout(3, _nodes),
        _nodes.ToImmutableDictionary(static node => node.Id, static _ => new Revision(1)));

    SessionId? IClusterSource.Session => null;

    void IRepairQueue.Add(BlockRef block) => _asked++;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Repair_OneNodeHasNoRoom_TheOtherGetsItsCopyAndNothingIsAskedForAgain()
    {
        await using BlockStore own = Open("s1");
        await using BlockStore other = Open("s3");
        BlockRef block = await own.PutAsync(Pattern.Of(400, 1), Cancellation);
        ReplicationOptions options = new();
        await using PeerSet peers = new(
            this, Local(own),
            node => node.Name == "s2" ? new FullPeer() : Local(other), options);
        BlockRepairer repairer = new(peers, new ReplicatedBlocks(peers, this, options));
        RepairOutcome outcome = await repairer.RepairAsync(
            [block], ((IClusterSource)this).View.Layout, static (_, _) => ValueTask.CompletedTask, Cancellation);
        Assert.Equal((2, 1), (outcome.Missing, outcome.Made));
        Assert.True(other.Has(block.Id));
        Assert.Contains("is full", Assert.Single(outcome.Faults), StringComparison.Ordinal);
        Assert.Equal(0, _asked);
    }

    private LocalPeer Local(BlockStore store) => new(store, new UploadPins(store), this);

    private BlockStore Open(string name) =>
        BlockStore.Open(new BlockStoreOptions { Directory = _folder.Child(name) });

    /// <summary>Another node whose disk is full.</summary>
    private sealed class FullPeer : IBlockPeer
    {
        public Task PutAsync(
            UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw Full();

        public Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            Task.FromException(Full());

        public Task SealAsync(
            UploadId upload, IReadOnlyList<BlockRef> blocks, CancellationToken cancellationToken) => throw Full();

        public Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken) =>
            Task.FromException<BlockBuffer>(new BlockException(BlockFailure.Missing, "It is not there."));

        public Task<bool[]> HaveAsync(
            IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken) =>
            Task.FromResult(new bool[ids.Count]);

        private static BlockException Full() => new(BlockFailure.DiskFull, "The disk is full.");
    }
}
