using Lepton.Coordination.Client;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Tests.Objects;

/// <summary>A store of metadata that fails, and that others write to in the worst moment.</summary>
internal sealed class MetadataProxy(IMetadataStore inner) : IMetadataStore
{
    /// <summary>Runs before the next transaction, once.</summary>
    public Func<Task>? BeforeCommit { get; set; }

    /// <summary>The most keys of one answer.</summary>
    public int PageKeysMax { get; set; } = 1000;

    /// <summary>The keys that can't be listed.</summary>
    public KeyRange? FailingRange { get; set; }

    /// <summary>How many reads of one key there were.</summary>
    public int Gets { get; private set; }

    public Task<MetadataEntry?> GetAsync(Bytes key, CancellationToken cancellationToken)
    {
        Gets++;
        return inner.GetAsync(key, cancellationToken);
    }

    public Task<MetadataPage> RangeAsync(
        KeyRange keys, int limit, Revision atRevision, CancellationToken cancellationToken) =>
        keys == FailingRange
            ? throw new InvalidDataException("The keys can't be listed.")
            : inner.RangeAsync(
                keys, limit == 0 ? PageKeysMax : Math.Min(limit, PageKeysMax), atRevision, cancellationToken);

    public async Task<Revision?> CommitAsync(MetadataTxn txn, CancellationToken cancellationToken)
    {
        if (BeforeCommit is { } before)
        {
            BeforeCommit = null;
            await before();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await inner.CommitAsync(txn, cancellationToken);
    }
}
