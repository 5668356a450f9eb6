using Lepton.Coordination.Client;

namespace Lepton.Storage.Metadata;

/// <summary>
/// What the object store needs of a store of keys with revisions: reads that hold all that was acknowledged before, and
/// transactions. Thread safe.
/// </summary>
internal interface IMetadataStore
{
    /// <summary>Reads a key; null where it is not there.</summary>
    /// <exception cref="CoordinationException">The store does not answer.</exception>
    Task<MetadataEntry?> GetAsync(Bytes key, CancellationToken cancellationToken);

    /// <summary>Reads keys in the order of their bytes.</summary>
    /// <param name="keys">Which.</param>
    /// <param name="limit">How many at most; 0 for all.</param>
    /// <param name="atRevision">As of when; <see cref="Revision.None"/> for now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CoordinationException">The store does not answer.</exception>
    Task<MetadataPage> RangeAsync(
        KeyRange keys, int limit, Revision atRevision, CancellationToken cancellationToken);

    /// <summary>Carries out a transaction.</summary>
    /// <returns>Its revision; null where a condition did not hold, so that nothing was done.</returns>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it was carried out.</exception>
    /// <exception cref="CoordinationException">It was not carried out.</exception>
    Task<Revision?> CommitAsync(MetadataTxn txn, CancellationToken cancellationToken);
}
