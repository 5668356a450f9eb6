using System.Globalization;
using System.Text;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Watch;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>
/// The queues behind locks and elections: one key a waiter under a common prefix, in the order of create revisions; who
/// has the oldest key has the lock. Each waits for the one before it alone, so that a release wakes one waiter and
/// not all.
/// </summary>
internal sealed class WaitingQueue(ServiceCore core, WatchHub hub)
{
    private readonly CallTable _calls = new();

    /// <summary>The prefix of a queue's keys.</summary>
    public static ByteString PrefixOf(ByteString name) => ByteString.CopyFrom([.. name.Span, (byte)'/']);

    /// <summary>Takes a place, or the one that the lease has already, and waits until it is the first.</summary>
    /// <returns>The place, and a header of the time when it was first.</returns>
    /// <exception cref="RpcException">There is no such lease, the place is lost, or there is no agreement.</exception>
    public async Task<(QueuePlace Place, ResponseHeader Header)> TakeTurnAsync(
        ByteString name, long lease, ByteString value, CancellationToken cancellationToken)
    {
        if (lease == 0)
        {
            throw EtcdStatus.LeaseRequired.Raise();
        }

        ByteString prefix = PrefixOf(name);
        ByteString key = ByteString.CopyFrom([.. prefix.Span, .. Encoding.ASCII.GetBytes(Hexadecimal(lease))]);
        QueuePlace? place = null;
        bool isFirst = false;
        _calls.Begin(key);
        try
        {
            // Not to be given up half way: nobody would know whether there is a place.
            place = await EnterAsync(prefix, key, lease, value, CancellationToken.None).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            ResponseHeader header = await WaitForTurnAsync(place, cancellationToken).ConfigureAwait(false);
            isFirst = true;
            return (place, header);
        }
        finally
        {
            if (place is not null && !isFirst)
            {
                await AbandonAsync(place).ConfigureAwait(false);
            }

            _calls.End(key);
        }
    }

    private async Task<QueuePlace> EnterAsync(
        ByteString prefix, ByteString key, long lease, ByteString value, CancellationToken cancellationToken)
    {
        while (true)
        {
            QueuePlace place =
                await FindPlaceAsync(prefix, key, lease, value, cancellationToken).ConfigureAwait(false);
            if (place.IsNew)
            {
                return place;
            }

            // Its maker may be a call that its caller has given up for this one, and is about to delete the key. Put
            // anew, the key is this call's; where it is gone already, it is made.
            TxnResponse response = await ProposeAsync(
                Created(key, place.CreateRevision),
                new RequestOp { RequestPut = new PutRequest { Key = key, Value = value, Lease = lease } },
                cancellationToken).ConfigureAwait(false);
            if (response.Succeeded)
            {
                return place with { ModRevision = response.Header.Revision };
            }
        }
    }

    private async Task<QueuePlace> FindPlaceAsync(
        ByteString prefix, ByteString key, long lease, ByteString value, CancellationToken cancellationToken)
    {
        RequestOp first = new() { RequestRange = First(prefix) };
        PutRequest put = new() { Key = key, Value = value, Lease = lease };
        TxnRequest txn = new()
        {
            Compare = { Created(key, 0) },
            Success = { new RequestOp { RequestPut = put }, first },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = key } }, first },
        };
        TxnResponse response = await core.ProposeAsync<TxnResponse>(new Command { Txn = txn }, cancellationToken)
            .ConfigureAwait(false);
        KeyValue own = response.Succeeded
            ? new KeyValue { CreateRevision = response.Header.Revision }
            : response.Responses[0].ResponseRange.Kvs[0];
        KeyValue holder = response.Responses[1].ResponseRange.Kvs[0];
        return new QueuePlace(
            prefix, key, own.CreateRevision, lease, response.Succeeded ? own.CreateRevision : 0,
            holder.CreateRevision == own.CreateRevision, core.Fill(response.Header));
    }

    /// <summary>
    /// Waits until no place is before this one, and makes sure that this one is still there then: its lease may have
    /// ended while it waited.
    /// </summary>
    /// <returns>A header of the time when it was first.</returns>
    /// <exception cref="RpcException">The place is lost, or there is no agreement.</exception>
    private async Task<ResponseHeader> WaitForTurnAsync(QueuePlace place, CancellationToken cancellationToken)
    {
        if (place.IsFirst)
        {
            return place.Header;
        }

        while (Before(place) is { } predecessor)
        {
            if (!await WaitUntilGoneAsync(predecessor, place, cancellationToken).ConfigureAwait(false))
            {
                throw EtcdStatus.SessionExpired.Raise();
            }
        }

        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        return IsThere(place.Key, place.CreateRevision) ? core.Header() : throw EtcdStatus.SessionExpired.Raise();
    }

    /// <summary>Gives a place up, if it is still the same.</summary>
    /// <exception cref="RpcException">There is no agreement.</exception>
    public Task<TxnResponse> LeaveAsync(ByteString key, long createRevision, CancellationToken cancellationToken) =>
        ProposeAsync(Created(key, createRevision), Delete(key), cancellationToken);

    private static RequestOp Delete(ByteString key) =>
        new() { RequestDeleteRange = new DeleteRangeRequest { Key = key } };

    private Task<TxnResponse> ProposeAsync(Compare condition, RequestOp then, CancellationToken cancellationToken) =>
        core.ProposeAsync<TxnResponse>(
            new Command { Txn = new TxnRequest { Compare = { condition }, Success = { then } } }, cancellationToken);

    /// <summary>
    /// Gives up a place whose wait failed, unless another call waits with it. Where that fails too, the end of its
    /// lease does it.
    /// </summary>
    private async Task AbandonAsync(QueuePlace place)
    {
        if (!_calls.MayDelete(place))
        {
            // The call that made the place may still wait with it.
            return;
        }

        Compare isUntouched = new()
        {
            Key = place.Key,
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Equal,
            ModRevision = place.ModRevision,
        };
        try
        {
            await ProposeAsync(isUntouched, Delete(place.Key), CancellationToken.None).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            core.Metrics.CountFailure();
        }
    }

    /// <summary>Holds where a key was created at a revision; 0: where it is not there.</summary>
    public static Compare Created(ByteString key, long revision) => new()
    {
        Key = key,
        Target = Compare.Types.CompareTarget.Create,
        Result = Compare.Types.CompareResult.Equal,
        CreateRevision = revision,
    };

    /// <summary>Asks for the oldest place of a queue.</summary>
    public static RangeRequest First(ByteString prefix) => new()
    {
        Key = prefix,
        RangeEnd = EndOf(prefix),
        Limit = 1,
        SortTarget = RangeRequest.Types.SortTarget.Create,
        SortOrder = RangeRequest.Types.SortOrder.Ascend,
    };

    /// <summary>The end of a queue's keys: the prefix ends in '/', and '0' is the character after it.</summary>
    public static ByteString EndOf(ByteString prefix) => ByteString.CopyFrom([.. prefix.Span[..^1], (byte)'0']);

    private static string Hexadecimal(long lease) => lease >= 0
        ? lease.ToString("x", CultureInfo.InvariantCulture)
        : "-" + ((ulong)-lease).ToString("x", CultureInfo.InvariantCulture);

    private KeyValue? Before(QueuePlace place)
    {
        RangeResponse response = core.State.Range(new RangeRequest
        {
            Key = place.Prefix,
            RangeEnd = EndOf(place.Prefix),
            Limit = 1,
            SortTarget = RangeRequest.Types.SortTarget.Create,
            SortOrder = RangeRequest.Types.SortOrder.Descend,
            MaxCreateRevision = place.CreateRevision - 1,
            KeysOnly = true,
        });
        return response.Kvs.Count > 0 ? response.Kvs[0] : null;
    }

    private bool IsThere(ByteString key, long createRevision)
    {
        RangeResponse response = core.State.Range(new RangeRequest { Key = key, KeysOnly = true });
        return response.Kvs.Count > 0 && response.Kvs[0].CreateRevision == createRevision;
    }

    /// <summary>False where the own place is gone first.</summary>
    private async Task<bool> WaitUntilGoneAsync(
        KeyValue predecessor, QueuePlace place, CancellationToken cancellationToken)
    {
        using KeySignal gone = new(hub, predecessor.Key, ByteString.Empty);
        using KeySignal lost = new(hub, place.Key, ByteString.Empty);
        while (true)
        {
            Task changed = gone.NextAsync();
            Task ownChanged = lost.NextAsync();
            if (!IsThere(place.Key, place.CreateRevision))
            {
                return false;
            }

            if (!IsThere(predecessor.Key, predecessor.CreateRevision))
            {
                return true;
            }

            await Task.WhenAny(changed, ownChanged).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The calls of this member that wait or are about to. A call that found its place there deletes it only where the
    /// one that made it has given up before, here: of other members' calls nothing is known, so the place stays then
    /// until its lease ends.
    /// </summary>
    private sealed class CallTable
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<ByteString, (int Calls, long GivenUp)> _byKey = [];

        public void Begin(ByteString key)
        {
            lock (_gate)
            {
                (int calls, long givenUp) = _byKey.GetValueOrDefault(key);
                _byKey[key] = (calls + 1, givenUp);
            }
        }

        /// <summary>Takes note that a call gives up, and says whether the place goes with it.</summary>
        public bool MayDelete(QueuePlace place)
        {
            lock (_gate)
            {
                (int calls, long givenUp) = _byKey[place.Key];
                givenUp = place.IsNew ? place.CreateRevision : givenUp;
                _byKey[place.Key] = (calls, givenUp);
                return givenUp == place.CreateRevision;
            }
        }

        public void End(ByteString key)
        {
            lock (_gate)
            {
                (int calls, long givenUp) = _byKey[key];
                if (calls > 1)
                {
                    _byKey[key] = (calls - 1, givenUp);
                }
                else
                {
                    _byKey.Remove(key);
                }
            }
        }
    }
}
