using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Replication;

namespace Lepton.Simulation.Objects;

/// <summary>The blocks of another node, over the simulated network; what <see cref="RemotePeer"/> and
/// <see cref="BlockService"/> are over HTTP.</summary>
internal sealed class DistantPeer(
    ObjectCluster cluster, NodeLife caller, int from, ObjectNode target, long start) : IBlockPeer
{
    public Task PutAsync(
        UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        byte[] sent = content.ToArray();
        return CallAsync(
            async (peer, stop) =>
            {
                await peer.PutAsync(upload, id, sent, stop);
                return true;
            },
            cancellationToken);
    }

    public Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        byte[] sent = content.ToArray();
        return CallAsync(
            async (peer, stop) =>
            {
                await peer.RestoreAsync(id, sent, stop);
                return true;
            },
            cancellationToken);
    }

    public Task SealAsync(
        UploadId upload, IReadOnlyList<BlockRef> blocks, CancellationToken cancellationToken) => CallAsync(
        async (peer, stop) =>
        {
            await peer.SealAsync(upload, blocks, stop);
            return true;
        },
        cancellationToken);

    public Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken) => CallAsync(
        async (peer, stop) =>
        {
            await peer.ReleaseAsync(upload, stop);
            return true;
        },
        cancellationToken);

    public async Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken)
    {
        byte[] bytes = await CallAsync(
            async (peer, stop) =>
            {
                using BlockBuffer read = await peer.GetAsync(id, stop);
                return read.Content.ToArray();
            },
            cancellationToken);
        if (BlockId.Of(bytes) != id)
        {
            throw new BlockException(
                BlockFailure.Damaged, $"The node '{target.Name}' gave other bytes for the block {id}.");
        }

        BlockBuffer buffer = new(bytes.Length);
        bytes.CopyTo(buffer.Memory);
        return buffer;
    }

    public Task<bool[]> HaveAsync(
        IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken) =>
        CallAsync((peer, stop) => peer.HaveAsync(ids, layout, stop), cancellationToken);

    private Task<T> CallAsync<T>(
        Func<LocalPeer, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        new DistantCall<T>(cluster, caller, from, target, start, work).RunAsync(cancellationToken);
}
