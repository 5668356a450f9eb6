using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>The blocks of one node, this one or another. Thread safe.</summary>
internal interface IBlockPeer
{
    /// <summary>Stores a block. It is not durable yet, and stays until the upload is released.</summary>
    /// <exception cref="BlockException">It was not stored, or nobody knows.</exception>
    Task PutAsync(UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Stores a block that the metadata refers to. It is durable when this returns.</summary>
    /// <exception cref="BlockException">It was not stored, or nobody knows.</exception>
    Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Makes blocks of an upload durable.</summary>
    /// <exception cref="BlockException">One is missing, or the disk fails, or the node does not answer.</exception>
    Task SealAsync(UploadId upload, IReadOnlyList<BlockRef> blocks, CancellationToken cancellationToken);

    /// <summary>Forgets an upload: what nothing refers to is garbage then.</summary>
    /// <exception cref="BlockException">The node does not answer; it will see when the session is over.</exception>
    Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken);

    /// <summary>Reads a block and verifies it.</summary>
    /// <exception cref="BlockException">It is missing or damaged, or the node does not answer.</exception>
    Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken);

    /// <summary>Which blocks are there.</summary>
    /// <param name="ids">The blocks.</param>
    /// <param name="layout">
    /// Where it is given, a block counts only if it is durable, and belongs there by the layout with this fingerprint.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockException">The node does not answer.</exception>
    Task<bool[]> HaveAsync(IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken);
}
