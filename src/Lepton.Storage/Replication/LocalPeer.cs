using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Scrubbing;

namespace Lepton.Storage.Replication;

/// <summary>This node's own blocks, for itself and for the others. Thread safe.</summary>
internal sealed class LocalPeer(BlockStore blocks, UploadPins pins, IClusterSource cluster) : IBlockPeer
{
    /// <summary>The blocks.</summary>
    public BlockStore Blocks => blocks;

    /// <summary>What uploads hold of them.</summary>
    public UploadPins Pins => pins;

    /// <summary>Tells how many blocks the node must keep.</summary>
    public Func<KeptBlocks?> OnlyHere { get; set; } = static () => null;

    /// <summary>Tells how far the repair is.</summary>
    public Func<RepairProgress> Repair { get; set; } = static () => RepairProgress.None;

    /// <summary>Tells how far the reading of all blocks is.</summary>
    public Func<ScrubProgress> Scrub { get; set; } = static () => ScrubProgress.None;

    /// <summary>Tells which objects lack good copies of their blocks.</summary>
    public Func<LostReport> Lost { get; set; } = static () => LostReport.None;

    /// <summary>Tells how full the cache is.</summary>
    public Func<CacheReport> Cache { get; set; } = static () => CacheReport.None;

    public async Task PutAsync(
        UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlockRef block = await blocks.PutAsync(id, content, cancellationToken).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            // Who put it has gone on without this copy, and will not release it.
            blocks.Unpin([block]);
            cancellationToken.ThrowIfCancellationRequested();
        }

        pins.Add(upload, block);
    }

    public async Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlockRef block = await blocks.PutAsync(id, content, cancellationToken).ConfigureAwait(false);
        try
        {
            await SyncAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The metadata refers to it, or did when this was asked for.
            blocks.Unpin([block]);
        }
    }

    public async Task SealAsync(
        UploadId upload, IReadOnlyList<BlockRef> wanted, CancellationToken cancellationToken)
    {
        // Where this node was restarted meanwhile, nothing is held any more.
        foreach (BlockRef block in pins.NotHeld(upload, wanted))
        {
            blocks.Pin([block]);
            pins.Add(upload, block);
        }

        foreach (BlockRef block in wanted)
        {
            if (!blocks.Has(block.Id))
            {
                throw new BlockException(
                    BlockFailure.Missing,
                    $"The block {block.Id} is not in {blocks.Options.Directory}, or has rotted since it was put " +
                    "there: the node was restarted meanwhile, or its disk is failing.");
            }
        }

        await SyncAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken)
    {
        pins.Release(upload);
        return Task.CompletedTask;
    }

    public Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(blocks.Read(id));
        }
        catch (BlockException e)
        {
            return Task.FromException<BlockBuffer>(e);
        }
    }

    public async Task<bool[]> HaveAsync(
        IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken)
    {
        bool[] has = new bool[ids.Count];
        ClusterLayout own = cluster.View.Layout;
        if (layout is { } wanted && wanted != own.Fingerprint)
        {
            // This node places blocks by another layout: what it has now, it may give away.
            return has;
        }

        for (int i = 0; i < has.Length; i++)
        {
            has[i] = (layout is null || own.TargetsOf(ids[i]).Contains(cluster.Self)) && blocks.Has(ids[i]);
        }

        if (layout is not null && has.Contains(true))
        {
            await SyncAsync(cancellationToken).ConfigureAwait(false);
        }

        return has;
    }

    /// <summary>How this node is.</summary>
    public PeerStatus Status()
    {
        DriveInfo disk = new(blocks.Options.Directory);
        BlockBytes bytes = blocks.BlockBytes;
        return new PeerStatus(
            blocks.Count, blocks.Bytes, disk.TotalSize, disk.AvailableFreeSpace, OnlyHere(), Repair())
        {
            Scrub = Scrub(),
            Lost = Lost(),
            Cache = Cache(),
            PlainBytes = bytes.Plain,
            StoredBytes = bytes.Stored,
        };
    }

    private Task SyncAsync(CancellationToken cancellationToken) =>
        blocks.Options.Threads.WaitAsync(blocks.SyncAsync(), cancellationToken);
}
