using Lepton.Coordination.Client;

namespace Lepton.Storage.Metadata;

/// <summary>Metadata in the coordination store, Lepton's own or an etcd.</summary>
internal sealed class CoordinationMetadata(CoordinationClient client) : IMetadataStore
{
    public async Task<MetadataEntry?> GetAsync(Bytes key, CancellationToken cancellationToken) =>
        await client.GetAsync(key, cancellationToken: cancellationToken).ConfigureAwait(false) is { } found
            ? ToEntry(found)
            : null;

    public async Task<MetadataPage> RangeAsync(
        KeyRange keys, int limit, Revision atRevision, CancellationToken cancellationToken)
    {
        RangeResult result = await client.RangeAsync(
            keys, new RangeOptions { Limit = limit, AtRevision = atRevision }, cancellationToken).ConfigureAwait(false);
        return new MetadataPage([.. result.Entries.Select(ToEntry)], result.More, result.Revision);
    }

    public async Task<Revision?> CommitAsync(MetadataTxn txn, CancellationToken cancellationToken)
    {
        TxnResult result = await client.CommitAsync(txn.ToTxn(), cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return result.Succeeded ? result.Revision : null;
    }

    private static MetadataEntry ToEntry(KeyValue found) =>
        new(found.Key, found.Value.Memory, found.ModRevision);
}
