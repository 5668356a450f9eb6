namespace Lepton.Coordination.Store;

/// <summary>Keeps a revision readable, whatever is compacted meanwhile, until it is disposed.</summary>
internal sealed class RevisionPin(KvStore store, long revision) : IDisposable
{
    private bool _released;

    /// <summary>The revision.</summary>
    public long Revision => revision;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_released)
        {
            _released = true;
            store.Unpin(revision);
        }
    }
}
