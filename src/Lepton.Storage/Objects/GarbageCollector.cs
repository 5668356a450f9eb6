using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>Finds which blocks the metadata refers to, and has the others' room freed.</summary>
internal sealed class GarbageCollector(IMetadataStore metadata, ContentStore contents)
{
    private const int PageKeys = 1000;

    /// <summary>
    /// Runs one collection. Memory: some 60 bytes for each block that is needed. Where a list of blocks can't be read,
    /// it ends without freeing anything, as nobody knows what that list needs.
    /// </summary>
    /// <returns>How many bytes were freed.</returns>
    /// <exception cref="BlockException">A block that lists others is missing or damaged.</exception>
    /// <exception cref="CoordinationException">The metadata store fails, or has compacted what was being
    /// read.</exception>
    /// <exception cref="IOException">The disk can't be used.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        using Collection collection = Collection.Begin(contents.Blocks);
        HashSet<BlockId> needed = [];
        Revision at = await AddAsync(
            needed, MetadataKeys.AllObjects, Revision.None,
            static entry => RecordJson.Read(entry, RecordJson.Default.ObjectRecord).Content, cancellationToken)
            .ConfigureAwait(false);
        await AddAsync(
            needed, MetadataKeys.AllParts, at,
            static entry => RecordJson.Read(entry, RecordJson.Default.PartRecord).Content, cancellationToken)
            .ConfigureAwait(false);
        await collection.RunAsync(needed, cancellationToken).ConfigureAwait(false);
        return collection.BytesFreed;
    }

    private async Task<Revision> AddAsync(
        HashSet<BlockId> needed, KeyRange keys, Revision at, Func<MetadataEntry, ContentRecord> read,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            MetadataPage page = await metadata.RangeAsync(keys, PageKeys, at, cancellationToken).ConfigureAwait(false);
            at = at == Revision.None ? page.Revision : at;
            foreach (ContentRecord content in page.Entries.Select(read))
            {
                needed.UnionWith(content.Refs.Select(static block => block.Id));
                if (content.IsManifest)
                {
                    needed.UnionWith(contents.DataOf(content).Select(static block => block.Id));
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
