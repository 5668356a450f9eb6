using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>Cuts streams into blocks, and knows which blocks an object has. Thread safe.</summary>
internal sealed class ContentStore(ReplicatedBlocks blocks, ObjectStoreOptions options)
{
    /// <summary>The blocks.</summary>
    public ReplicatedBlocks Blocks => blocks;

    /// <summary>Stores a stream, not encrypted.</summary>
    public Task<BlockUpload> StoreAsync(
        Stream source, long sizeHint, IReadOnlyCollection<ChecksumKind> kinds, CancellationToken cancellationToken) =>
        StoreAsync(source, sizeHint, kinds, null, cancellationToken);

    /// <summary>Stores a stream. Holds two blocks in memory, of a short one its bytes; where it is encrypted, one
    /// more.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="sizeHint">How many they probably are; the memory that is taken is no more.</param>
    /// <param name="kinds">The checksums to compute beside MD5.</param>
    /// <param name="key">The key of the object or the upload that it is for; null for no encryption.</param>
    /// <param name="cancellationToken">Gives up; what was stored becomes garbage.</param>
    /// <returns>The blocks, durable, and kept until the caller disposes it.</returns>
    /// <exception cref="BlockException">Disks are full, or failed, or too few nodes answer.</exception>
    public async Task<BlockUpload> StoreAsync(
        Stream source, long sizeHint, IReadOnlyCollection<ChecksumKind> kinds, DataKey? key,
        CancellationToken cancellationToken)
    {
        BlockUpload upload = new(blocks.Begin(), new ContentDigests(kinds), key);
        try
        {
            await AddAllAsync(upload, source, sizeHint, cancellationToken).ConfigureAwait(false);
            upload.Content = await DescribeAsync(upload, upload.Data, upload.Size, cancellationToken)
                .ConfigureAwait(false);
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
    /// <param name="contents">The contents.</param>
    /// <param name="key">With which all of them are encrypted; null where none is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BlockUpload> JoinAsync(
        IReadOnlyList<ContentRecord> contents, DataKey? key, CancellationToken cancellationToken)
    {
        BlockUpload upload = new(blocks.Begin(), new ContentDigests([]), key);
        try
        {
            List<BlockRef> all = [];
            foreach (ContentRecord content in contents)
            {
                all.AddRange(await EntriesOfAsync(content, cancellationToken).ConfigureAwait(false));
            }

            long size = contents.Sum(static content => content.Size);
            upload.Content = await DescribeAsync(upload, all, size, cancellationToken).ConfigureAwait(false);
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
        List<BlockRef> data = await EntriesOfAsync(content, cancellationToken).ConfigureAwait(false);
        data.RemoveAll(static entry => entry.IsMark);
        return data;
    }

    /// <summary>The blocks of a content's data, in order, and before the first of each encrypted stream its
    /// mark.</summary>
    /// <exception cref="BlockException">A block that lists them is missing or damaged, or can't be reached.</exception>
    public async ValueTask<List<BlockRef>> EntriesOfAsync(ContentRecord content, CancellationToken cancellationToken)
    {
        if (!content.IsManifest)
        {
            return BlockList.Unpack(content.Packed);
        }

        List<BlockRef> entries = [];
        foreach (BlockRef manifest in content.Refs)
        {
            using BlockBuffer read = await blocks.ReadAsync(manifest, cancellationToken).ConfigureAwait(false);
            // What binds an object's key to its blocks binds it to the names of these lists.
            entries.AddRange(BlockId.Of(read.Content.Span) == manifest.Id
                ? BlockList.Unpack(read.Content.Span)
                : throw new BlockException(
                    BlockFailure.Damaged,
                    $"The block {manifest.Id}, which lists others, has another content than its name says: it was " +
                    "changed on the disk, and its checksum with it. Put the object again that has it."));
        }

        return entries;
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
        BlockUpload upload, List<BlockRef> data, long size, CancellationToken cancellationToken)
    {
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
