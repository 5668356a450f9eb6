using Google.Protobuf;
using Google.Protobuf.Collections;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>
/// Carries out a transaction. First all its comparisons, those of nested ones too, decide which operations run, as of
/// the state before it. Then these are checked: one that can't be carried out refuses the whole, before anything has
/// changed. Then they run. Everything follows from the request and the replicated state: whether a revision is
/// compacted is part of that state, not of what this node has freed.
/// </summary>
internal sealed class TxnRunner(TxnView view)
{
    private readonly List<bool> _path = [];
    private int _step;

    /// <summary>Carries it out.</summary>
    public CommandResult Run(TxnRequest request)
    {
        Decide(request);
        _step = 0;
        var failure = Check(request);
        if (failure != CommandFailure.None)
        {
            return new CommandResult(failure, null, view.Revision);
        }

        _step = 0;
        var response = Execute(request);
        response.Header = Messages.Header(view.Revision);
        return new CommandResult(CommandFailure.None, response, view.Revision);
    }

    private void Decide(TxnRequest request)
    {
        var holds = true;
        foreach (var compare in request.Compare)
        {
            holds = holds && TxnCompare.Holds(view, compare);
        }

        _path.Add(holds);
        foreach (var operation in Chosen(request, holds))
        {
            if (operation.RequestCase == RequestOp.RequestOneofCase.RequestTxn)
            {
                Decide(operation.RequestTxn);
            }
        }
    }

    private CommandFailure Check(TxnRequest request)
    {
        foreach (var operation in Chosen(request, _path[_step++]))
        {
            var failure = operation.RequestCase switch
            {
                RequestOp.RequestOneofCase.RequestRange => CheckRange(operation.RequestRange),
                RequestOp.RequestOneofCase.RequestPut => PutCheck.Check(view, operation.RequestPut),
                RequestOp.RequestOneofCase.RequestTxn => Check(operation.RequestTxn),
                _ => CommandFailure.None,
            };
            if (failure != CommandFailure.None)
            {
                return failure;
            }
        }

        return CommandFailure.None;
    }

    private CommandFailure CheckRange(RangeRequest request)
    {
        if (request.Revision > view.Revision)
        {
            return CommandFailure.FutureRevision;
        }

        return request.Revision > 0 && request.Revision < view.CompactedRevision
            ? CommandFailure.Compacted
            : CommandFailure.None;
    }

    private TxnResponse Execute(TxnRequest request)
    {
        var response = new TxnResponse { Succeeded = _path[_step++] };
        foreach (var operation in Chosen(request, response.Succeeded))
        {
            response.Responses.Add(Execute(operation));
        }

        return response;
    }

    private ResponseOp Execute(RequestOp operation)
    {
        switch (operation.RequestCase)
        {
            case RequestOp.RequestOneofCase.RequestRange:
                var request = operation.RequestRange;
                return new ResponseOp
                {
                    ResponseRange = Messages.ToResponse(request, view.Range(Messages.ToQuery(request))),
                };
            case RequestOp.RequestOneofCase.RequestPut:
                return new ResponseOp { ResponsePut = view.Put(operation.RequestPut) };
            case RequestOp.RequestOneofCase.RequestDeleteRange:
                return new ResponseOp { ResponseDeleteRange = view.DeleteRange(operation.RequestDeleteRange) };
            case RequestOp.RequestOneofCase.RequestTxn:
                var response = Execute(operation.RequestTxn);

                // As etcd has it: only the outermost transaction says its revision.
                response.Header = new ResponseHeader();
                return new ResponseOp { ResponseTxn = response };
            default:
                return new ResponseOp();
        }
    }

    private static RepeatedField<RequestOp> Chosen(TxnRequest request, bool holds) =>
        holds ? request.Success : request.Failure;
}
