using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>Finds all blocks that the metadata refers to, as of one revision.</summary>
internal sealed class BlockScan(IMetadataStore metadata, ContentStore contents)
{
    private const int PageKeys = 1000;

    /// <summary>Objects and parts whose lists of blocks can't be read, and why.</summary>
    public List<string> Unreadable { get; } = [];

    /// <summary>Reads all records once. O(1) memory.</summary>
    /// <param name="visit">Takes each block, as often as it is referred to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CoordinationException">The metadata store fails, or has compacted what was being
    /// read.</exception>
    public Task RunAsync(Action<BlockRef> visit, CancellationToken cancellationToken) =>
        RunAsync((_, block) => visit(block), cancellationToken);

    /// <summary>As <see cref="RunAsync(Action{BlockRef}, CancellationToken)"/>, with the key of the record that refers
    /// to the block; all blocks of a record come one after the other.</summary>
    public async Task RunAsync(Action<Bytes, BlockRef> visit, CancellationToken cancellationToken)
    {
        Revision at = await ScanAsync(
            visit, MetadataKeys.AllObjects, Revision.None,
            static entry => RecordJson.Read(entry, RecordJson.Default.ObjectRecord).Content, cancellationToken)
            .ConfigureAwait(false);
        await ScanAsync(
            visit, MetadataKeys.AllParts, at,
            static entry => RecordJson.Read(entry, RecordJson.Default.PartRecord).Content, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<Revision> ScanAsync(
        Action<Bytes, BlockRef> visit, KeyRange keys, Revision at, Func<MetadataEntry, ContentRecord> read,
        CancellationToken cancellationToken)
    {
        string prefix = keys.Start.ToString();
        while (true)
        {
            MetadataPage page = await metadata.RangeAsync(keys, PageKeys, at, cancellationToken).ConfigureAwait(false);
            at = at == Revision.None ? page.Revision : at;
            foreach (MetadataEntry entry in page.Entries)
            {
                ContentRecord content = read(entry);
                foreach (BlockRef block in content.Refs)
                {
                    visit(entry.Key, block);
                }

                try
                {
                    if (content.IsManifest)
                    {
                        (await contents.DataOfAsync(content, cancellationToken).ConfigureAwait(false))
                            .ForEach(block => visit(entry.Key, block));
                    }
                }
                catch (BlockException e)
                {
                    // Told with all others at the end: who repairs the store wants to know of all at once.
                    Unreadable.Add($"'{MetadataKeys.After(prefix, entry.Key)}' ({e.Message})");
                }
            }

            if (!page.More)
            {
                return at;
            }

            keys = KeyRange.Between(page.Entries[^1].Key.Append(new byte[1]), keys.End);
        }
    }
}
