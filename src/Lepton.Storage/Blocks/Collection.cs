namespace Lepton.Storage.Blocks;

/// <summary>
/// One collection of garbage: makes room of the blocks that nothing refers to. Begin it, then read from the metadata,
/// as of one revision, which blocks are needed, then run it. Reference counts are not kept: they drift.
/// </summary>
/// <remarks>
/// Why nothing is lost: an object that is committed after the metadata was read has blocks that were pinned when the
/// collection began, or were put since; both are held. Blocks that were written less than the grace time ago stay as
/// well, for commits that went out and whose fate was not known when the node stopped. One at a time.
/// </remarks>
internal sealed class Collection : IDisposable
{
    private readonly BlockStore _store;

    private Collection(BlockStore store) => _store = store;

    /// <summary>Blocks that must have been there and are damaged: their segments stay.</summary>
    public List<BlockId> Damaged { get; } = [];

    /// <summary>Bytes of the files that were deleted, less what was copied.</summary>
    public long BytesFreed { get; private set; }

    /// <summary>Begins: from here on, what is put or pinned is held.</summary>
    public static Collection Begin(BlockStore store)
    {
        store.Index.BeginCollection();
        return new Collection(store);
    }

    /// <summary>Frees what is not needed. O(blocks), and as many bytes are copied as the rewritten segments
    /// need.</summary>
    /// <param name="needed">What the metadata refers to; read after the collection began.</param>
    /// <param name="cancellationToken">Stops between two segments, or blocks.</param>
    /// <exception cref="IOException">The disk can't be used.</exception>
    public async Task RunAsync(IReadOnlySet<BlockId> needed, CancellationToken cancellationToken)
    {
        long youngFromMs = (_store.Options.TimeProvider.GetUtcNow() - _store.Options.GraceTime)
            .ToUnixTimeMilliseconds();
        // In this order: what is closed already gets no more blocks, so that the index has all of them.
        List<SegmentFile> closed = _store.ClosedSegments();
        Dictionary<long, List<(BlockId Id, BlockLocation Location)>> all = _store.Index.BySegment();
        foreach (SegmentFile segment in closed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<(BlockId Id, BlockLocation Location)> blocks = all.GetValueOrDefault(segment.Number) ?? [];
            List<(BlockId Id, BlockLocation Location)> live =
                [.. blocks.Where(block => IsLive(block.Id, block.Location))];
            long liveBytes = live.Sum(static block => (long)SegmentFormat.RecordHeaderSize + block.Location.Length);
            if (liveBytes < _store.Options.LiveShareMin * segment.Length)
            {
                await RewriteAsync(segment, blocks, live, cancellationToken).ConfigureAwait(false);
            }
        }

        bool IsLive(BlockId id, BlockLocation location) =>
            needed.Contains(id) || location.WrittenAtMs >= youngFromMs || _store.Index.IsHeld(id);
    }

    public void Dispose() => _store.Index.EndCollection();

    private async Task RewriteAsync(
        SegmentFile segment, List<(BlockId Id, BlockLocation Location)> blocks,
        List<(BlockId Id, BlockLocation Location)> live, CancellationToken cancellationToken)
    {
        long length = segment.Length;
        HashSet<BlockId> kept = [.. live.Select(static block => block.Id)];
        List<(BlockId, BlockLocation)> copy = [.. live];
        foreach ((BlockId id, BlockLocation location) in blocks.Where(block => !kept.Contains(block.Id)))
        {
            if (!_store.Index.RemoveUnless(id, location))
            {
                copy.Add((id, location));
            }
        }

        bool whole = true;
        long copied = 0;
        foreach ((BlockId id, BlockLocation from) in copy)
        {
            cancellationToken.ThrowIfCancellationRequested();
            whole &= await CopyAsync(id, from, cancellationToken).ConfigureAwait(false);
            copied += SegmentFormat.RecordHeaderSize + from.Length;
        }

        if (whole)
        {
            await _store.SyncAsync().ConfigureAwait(false);
            _store.Delete(segment);
            BytesFreed += length - copied;
        }
    }

    private async Task<bool> CopyAsync(BlockId id, BlockLocation from, CancellationToken cancellationToken)
    {
        try
        {
            await _store.CopyAsync(id, from, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BlockException e) when (e.Failure == BlockFailure.Damaged)
        {
            // Its file stays, for whoever wants to rescue what can be.
            Damaged.Add(id);
            return false;
        }
    }
}
