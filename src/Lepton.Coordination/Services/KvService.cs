using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>etcd's service <c>KV</c>: keys, transactions, compaction.</summary>
internal sealed class KvService(ServiceCore core)
{
    private const string Service = "etcdserverpb.KV";

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "Range", RangeRequest.Parser, RangeResponse.Parser, RangeAsync,
            static request => request.Serializable);
        map.Unary(Service, "Put", PutRequest.Parser, PutResponse.Parser, PutAsync);
        map.Unary(Service, "DeleteRange", DeleteRangeRequest.Parser, DeleteRangeResponse.Parser,
            DeleteRangeAsync);
        map.Unary(Service, "Txn", TxnRequest.Parser, TxnResponse.Parser, TxnAsync);
        map.Unary(Service, "Compact", CompactionRequest.Parser, CompactionResponse.Parser, CompactAsync);
    }

    /// <summary>Reads keys: after a barrier, or at once where the caller is content with this member's state.</summary>
    public async Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        TxnValidation.Check(request);
        if (!request.Serializable)
        {
            await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        }

        RangeResponse response = core.State.Range(request);
        core.Metrics.CountRange();
        response.Header = core.Fill(response.Header);
        return response;
    }

    public async Task<PutResponse> PutAsync(PutRequest request, CancellationToken cancellationToken)
    {
        TxnValidation.Check(request);
        await core.CheckQuotaAsync(PutBytes(request), cancellationToken).ConfigureAwait(false);
        PutResponse response = await core.ProposeAsync<PutResponse>(new Command { Put = request }, cancellationToken)
            .ConfigureAwait(false);
        core.Metrics.CountPut();
        response.Header = core.Fill(response.Header);
        return response;
    }

    public async Task<DeleteRangeResponse> DeleteRangeAsync(
        DeleteRangeRequest request, CancellationToken cancellationToken)
    {
        TxnValidation.Check(request);
        DeleteRangeResponse response = await core.ProposeAsync<DeleteRangeResponse>(
            new Command { DeleteRange = request }, cancellationToken).ConfigureAwait(false);
        core.Metrics.CountDelete();
        response.Header = core.Fill(response.Header);
        return response;
    }

    /// <summary>Carries out a transaction; one that only reads is not proposed.</summary>
    public async Task<TxnResponse> TxnAsync(TxnRequest request, CancellationToken cancellationToken)
    {
        TxnValidation.Check(request, core.Options.TxnOperationsMax);
        TxnResponse response;
        if (Reads.IsReadOnly(request))
        {
            if (!TxnValidation.IsSerializable(request))
            {
                await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
            }

            response = core.State.ReadTxn(request);
        }
        else
        {
            // What only deletes is how room is made.
            int bytes = PutBytes(request);
            if (bytes > 0)
            {
                await core.CheckQuotaAsync(bytes, cancellationToken).ConfigureAwait(false);
            }

            response = await core.ProposeAsync<TxnResponse>(new Command { Txn = request }, cancellationToken)
                .ConfigureAwait(false);
        }

        core.Metrics.CountTxn();
        response.Header = core.Fill(response.Header);
        return response;
    }

    public async Task<CompactionResponse> CompactAsync(
        CompactionRequest request, CancellationToken cancellationToken)
    {
        CompactionResponse response = await core.ProposeAsync<CompactionResponse>(
            new Command { Compaction = request }, cancellationToken).ConfigureAwait(false);
        if (request.Physical)
        {
            await core.WaitForPruningAsync(cancellationToken).ConfigureAwait(false);
        }

        core.Metrics.CountCompaction();
        response.Header = core.Fill(response.Header);
        return response;
    }

    /// <summary>What a transaction's puts may add, whichever branch is carried out, in bytes.</summary>
    private static int PutBytes(TxnRequest request) =>
        Math.Max(request.Success.Sum(PutBytes), request.Failure.Sum(PutBytes));

    private static int PutBytes(RequestOp operation) => operation.RequestCase switch
    {
        RequestOp.RequestOneofCase.RequestPut => PutBytes(operation.RequestPut),
        RequestOp.RequestOneofCase.RequestTxn => PutBytes(operation.RequestTxn),
        _ => 0,
    };

    private static int PutBytes(PutRequest request) => request.Key.Length + request.Value.Length;
}
