using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>Cuts streams into blocks, and knows which blocks an object has. Thread safe.</summary>
internal sealed class ContentStore(ReplicatedBlocks blocks, ObjectStoreOptions options)
{
    /// <summary>The blocks.</summary>
    public ReplicatedBlocks Blocks => blocks;

    /// <summary>Stores a stream. Holds two blocks in memory, of a short one its bytes.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="sizeHint">How many they probably are; the memory that is taken is no more.</param>
    /// <param name="kinds">The checksums to compute beside MD5.</param>
    /// <param name="cancellationToken">Gives up; what was stored becomes garbage.</param>
    /// <returns>The blocks, durable, and kept until the caller disposes it.</returns>
    /// <exception cref="BlockException">Disks are full, or failed, or too few nodes answer.</exception>
    public async Task<BlockUpload> StoreAsync(
        Stream source, long sizeHint, IReadOnlyCollection<ChecksumKind> kinds, CancellationToken cancellationToken)
    {
        BlockUpload upload = new(blocks.Begin(), new ContentDigests(kinds));
        try
        {
            await AddAllAsync(upload, source, sizeHint, cancellationToken).ConfigureAwait(false);
            upload.Content = await DescribeAsync(upload, upload.Data, cancellationToken).ConfigureAwait(false);
            await upload.SealAsync(cancellationToken).ConfigureAwait(false);
            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Joins contents that are stored into one. What refers to their blocks must stay until the joined one is
    /// committed.
    /// </summary>
    public async Task<BlockUpload> JoinAsync(
        IReadOnlyList<ContentRecord> contents, CancellationToken cancellationToken)
    {
        BlockUpload upload = new(blocks.Begin(), new ContentDigests([]));
        try
        {
            List<BlockRef> all = [];
            foreach (ContentRecord content in contents)
            {
                all.AddRange(await DataOfAsync(content, cancellationToken).ConfigureAwait(false));
            }

            upload.Content = await DescribeAsync(upload, all, cancellationToken).ConfigureAwait(false);
            await upload.SealAsync(cancellationToken).ConfigureAwait(false);
            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>The blocks of a content's data, in order.</summary>
    /// <exception cref="BlockException">A block that lists them is missing or damaged, or can't be reached.</exception>
    public async ValueTask<List<BlockRef>> DataOfAsync(ContentRecord content, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlockRef> refs = content.Refs;
        if (!content.IsManifest)
        {
            return [.. refs];
        }

        List<BlockRef> data = [];
        foreach (BlockRef manifest in refs)
        {
            using BlockBuffer read = await blocks.ReadAsync(manifest, cancellationToken).ConfigureAwait(false);
            data.AddRange(BlockList.Unpack(read.Content.Span));
        }

        return data;
    }

    /// <summary>Adds all blocks of a stream. While one is hashed and sent, the next is read.</summary>
    private async Task AddAllAsync(
        BlockUpload upload, Stream source, long sizeHint, CancellationToken cancellationToken)
    {
        int bytes = (int)Math.Clamp(sizeHint, 1024, options.BlockBytes);
        BlockBuffer filling = new(bytes);
        BlockBuffer adding = sizeHint > bytes ? new BlockBuffer(bytes) : filling;
        Task added = Task.CompletedTask;
        try
        {
            int read;
            do
            {
                read = await source.ReadAtLeastAsync(
                    filling.Memory, bytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                await added.ConfigureAwait(false);
                if (read > 0)
                {
                    (filling, adding) = (adding, filling);
                    ReadOnlyMemory<byte> block = adding.Content[..read];
                    added = filling == adding
                        ? upload.AddAsync(block, cancellationToken)
                        : blocks.Threads.RunAsync(() => upload.AddAsync(block, cancellationToken));
                }

                if (filling == adding)
                {
                    await added.ConfigureAwait(false);
                }
            }
            while (read == bytes);

            await added.ConfigureAwait(false);
        }
        finally
        {
            await added.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            filling.Dispose();
            adding.Dispose();
        }
    }

    private async Task<ContentRecord> DescribeAsync(
        BlockUpload upload, List<BlockRef> data, CancellationToken cancellationToken)
    {
        long size = data.Sum(static block => (long)block.Length);
        if (data.Count <= options.InlineRefsMax)
        {
            return new ContentRecord(size, BlockList.Pack(data), IsManifest: false);
        }

        List<BlockRef> manifests = [];
        foreach (BlockRef[] some in data.Chunk(options.BlockBytes / BlockRef.Size))
        {
            manifests.Add(await upload.PutAsync(BlockList.Pack(some), cancellationToken).ConfigureAwait(false));
        }

        return new ContentRecord(size, BlockList.Pack(manifests), IsManifest: true);
    }
}
