using Google.Protobuf;
using Google.Protobuf.Collections;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>What can be said against a request of keys without a look at the state.</summary>
internal static class TxnValidation
{
    public static void Check(RangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdStatus.EmptyKey.Raise();
        }

        if ((uint)request.SortOrder > (uint)RangeRequest.Types.SortOrder.Descend ||
            (uint)request.SortTarget > (uint)RangeRequest.Types.SortTarget.Value)
        {
            throw EtcdStatus.InvalidSortOption.Raise();
        }
    }

    public static void Check(PutRequest request)
    {
        RpcStatus? error = request switch
        {
            { Key.IsEmpty: true } => EtcdStatus.EmptyKey,
            { IgnoreValue: true, Value.IsEmpty: false } => EtcdStatus.ValueProvided,
            { IgnoreLease: true, Lease: not 0 } => EtcdStatus.LeaseProvided,
            _ => null,
        };
        if (error is { } status)
        {
            throw status.Raise();
        }
    }

    public static void Check(DeleteRangeRequest request)
    {
        if (request.Key.IsEmpty)
        {
            throw EtcdStatus.EmptyKey.Raise();
        }
    }

    /// <summary>Checks a transaction with all that is nested in it.</summary>
    /// <param name="request">The transaction.</param>
    /// <param name="operationsMax">How many comparisons, and operations of each branch, it may hold; nested
    /// transactions share what it leaves.</param>
    public static void Check(TxnRequest request, int operationsMax)
    {
        CheckOperations(request, operationsMax);
        _ = KeysOf(request.Success);
        _ = KeysOf(request.Failure);
    }

    /// <summary>
    /// Whether a transaction is content with this member's state: all its reads say so. One of comparisons alone says
    /// nothing, and gets the latest state.
    /// </summary>
    public static bool IsSerializable(TxnRequest request) =>
        request.Success.Count + request.Failure.Count > 0 &&
        IsSerializable(request.Success) && IsSerializable(request.Failure);

    private static bool IsSerializable(RepeatedField<RequestOp> operations)
    {
        foreach (RequestOp operation in operations)
        {
            bool local = operation.RequestCase switch
            {
                RequestOp.RequestOneofCase.RequestRange => operation.RequestRange.Serializable,
                RequestOp.RequestOneofCase.RequestTxn => IsSerializable(operation.RequestTxn),
                _ => false,
            };
            if (!local)
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckOperations(TxnRequest request, int operationsMax)
    {
        int count = Math.Max(request.Compare.Count, Math.Max(request.Success.Count, request.Failure.Count));
        if (count > operationsMax)
        {
            throw EtcdStatus.TooManyOperations.Raise();
        }

        foreach (Compare compare in request.Compare)
        {
            if (compare.Key.IsEmpty)
            {
                throw EtcdStatus.EmptyKey.Raise();
            }
        }

        CheckOperations(request.Success, operationsMax - count);
        CheckOperations(request.Failure, operationsMax - count);
    }

    private static void CheckOperations(RepeatedField<RequestOp> operations, int operationsLeft)
    {
        foreach (RequestOp operation in operations)
        {
            switch (operation.RequestCase)
            {
                case RequestOp.RequestOneofCase.RequestRange:
                    Check(operation.RequestRange);
                    break;
                case RequestOp.RequestOneofCase.RequestPut:
                    Check(operation.RequestPut);
                    break;
                case RequestOp.RequestOneofCase.RequestDeleteRange:
                    Check(operation.RequestDeleteRange);
                    break;
                case RequestOp.RequestOneofCase.RequestTxn:
                    CheckOperations(operation.RequestTxn, operationsLeft);
                    break;
                default:
                    throw EtcdStatus.KeyNotFound.Raise();
            }
        }
    }

    /// <summary>The keys that one branch may change; throws where it may change one twice.</summary>
    private static ChangedKeys KeysOf(RepeatedField<RequestOp> operations)
    {
        ChangedKeys keys = new();
        foreach (RequestOp operation in operations)
        {
            if (operation.RequestCase == RequestOp.RequestOneofCase.RequestDeleteRange)
            {
                keys.AddDelete(operation.RequestDeleteRange.Key, operation.RequestDeleteRange.RangeEnd);
            }
        }

        foreach (RequestOp operation in operations)
        {
            if (operation.RequestCase == RequestOp.RequestOneofCase.RequestTxn)
            {
                // Only one of the two comes to pass, so both may change the same key.
                ChangedKeys either = KeysOf(operation.RequestTxn.Success);
                either.Unite(KeysOf(operation.RequestTxn.Failure));
                keys.AddAll(either);
            }
        }

        foreach (RequestOp operation in operations)
        {
            if (operation.RequestCase == RequestOp.RequestOneofCase.RequestPut)
            {
                keys.AddPut(operation.RequestPut.Key);
            }
        }

        return keys;
    }
}
