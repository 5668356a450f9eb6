using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// A node that can't be talked to, as one of the two has certificates and the other has none. Nothing is sent to it,
/// least of all the token. Thread safe.
/// </summary>
internal sealed class MismatchedPeer(ClusterNode node) : IBlockPeer
{
    public Task PutAsync(
        UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Refuse<bool>();

    public Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        Refuse<bool>();

    public Task SealAsync(UploadId upload, IReadOnlyList<BlockRef> blocks, CancellationToken cancellationToken) =>
        Refuse<bool>();

    public Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken) => Refuse<bool>();

    public Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken) => Refuse<BlockBuffer>();

    public Task<bool[]> HaveAsync(
        IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken) => Refuse<bool[]>();

    private Task<T> Refuse<T>() => Task.FromException<T>(new BlockException(
        BlockFailure.Unreachable,
        node.Address.Scheme == "https"
            ? $"The node '{node.Name}' wants certificates at {node.Address}, and this node was started without. " +
                "Start this one with --peer-cert-file, --peer-key-file and --peer-trusted-ca-file."
            : $"The node '{node.Name}' gives and takes blocks without encryption at {node.Address}, and this node " +
                "has certificates. Start that one with --peer-cert-file, --peer-key-file and --peer-trusted-ca-file."));
}
