using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>The store as the thread that applies commands changes it, with the leases of its keys.</summary>
internal sealed class WriterView(KvStore store, LeaseTable leases) : TxnView
{
    private readonly List<KeyVersion> _deleted = [];

    /// <inheritdoc/>
    public override long Revision => store.WriterRevision;

    /// <inheritdoc/>
    public override long CompactedRevision => store.CompactedRevision;

    /// <inheritdoc/>
    public override RangeResult Range(in RangeQuery query) => store.RangeAsWriter(query);

    /// <inheritdoc/>
    public override bool HasLease(long id) => leases.Contains(id);

    /// <inheritdoc/>
    public override PutResponse Put(PutRequest request)
    {
        var key = request.Key.Span;
        var kept = request.IgnoreValue || request.IgnoreLease ? store.Latest(key) : null;
        var value = request.IgnoreValue && kept is not null ? kept.Value : request.Value.Span;
        var lease = request.IgnoreLease && kept is not null ? kept.Lease : request.Lease;
        var previous = store.Put(key, value, lease);
        var before = previous?.Lease ?? 0;
        if (before != lease)
        {
            if (before != 0)
            {
                leases.Detach(before, key);
            }

            if (lease != 0)
            {
                leases.Attach(lease, key);
            }
        }

        var response = new PutResponse { Header = Messages.Header(store.WriterRevision) };
        if (request.PrevKv && previous is not null)
        {
            response.PrevKv = Messages.ToKeyValue(previous);
        }

        return response;
    }

    /// <inheritdoc/>
    public override DeleteRangeResponse DeleteRange(DeleteRangeRequest request)
    {
        Delete(Messages.ToRange(request.Key, request.RangeEnd));
        var header = Messages.Header(store.WriterRevision);
        var response = new DeleteRangeResponse { Header = header, Deleted = _deleted.Count };
        if (request.PrevKv)
        {
            response.PrevKvs.AddRange(_deleted.Select(version => Messages.ToKeyValue(version)));
        }

        _deleted.Clear();
        return response;
    }

    /// <summary>Deletes one key.</summary>
    public void Delete(byte[] key)
    {
        Delete(new KeyRange(key));
        _deleted.Clear();
    }

    private void Delete(in KeyRange range)
    {
        store.DeleteRange(range, _deleted);
        foreach (var version in _deleted)
        {
            if (version.Lease != 0)
            {
                leases.Detach(version.Lease, version.Key);
            }
        }
    }
}
