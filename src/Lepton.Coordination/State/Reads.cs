using Google.Protobuf.Collections;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>Requests that change nothing, answered from a store on any thread. Whether the store is recent enough is
/// the caller's business.</summary>
internal static class Reads
{
    /// <summary>Answers a range.</summary>
    public static CommandResult Range(KvStore store, RangeRequest request)
    {
        var result = store.Range(Messages.ToQuery(request));
        return result.Failure == ReadFailure.None
            ? new CommandResult(CommandFailure.None, Messages.ToResponse(request, result), result.Revision)
            : new CommandResult(Messages.ToFailure(result.Failure), null, result.Revision);
    }

    /// <summary>
    /// Answers a transaction for which <see cref="IsReadOnly(TxnRequest)"/> holds, all of it as of one revision.
    /// </summary>
    public static CommandResult Txn(KvStore store, TxnRequest request)
    {
        store.TryPin(0, out var pin);
        using (pin)
        {
            return new TxnRunner(new PinnedView(store, pin!.Revision)).Run(request);
        }
    }

    /// <summary>Whether a transaction changes nothing, whichever way it goes.</summary>
    public static bool IsReadOnly(TxnRequest request) => IsReadOnly(request.Success) && IsReadOnly(request.Failure);

    private static bool IsReadOnly(RepeatedField<RequestOp> operations)
    {
        foreach (RequestOp operation in operations)
        {
            bool reads = operation.RequestCase switch
            {
                RequestOp.RequestOneofCase.RequestRange => true,
                RequestOp.RequestOneofCase.RequestTxn => IsReadOnly(operation.RequestTxn),
                _ => false,
            };
            if (!reads)
            {
                return false;
            }
        }

        return true;
    }
}
