using Google.Protobuf;
using Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Services;

/// <summary>etcd's service <c>Lock</c>.</summary>
internal sealed class LockService(ServiceCore core, WaitingQueue queue)
{
    private const string Service = "v3lockpb.Lock";

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "Lock", LockRequest.Parser, LockResponse.Parser, LockAsync);
        map.Unary(Service, "Unlock", UnlockRequest.Parser, UnlockResponse.Parser, UnlockAsync);
    }

    /// <summary>Waits until the lease has the lock; at once where it has it already.</summary>
    private async Task<LockResponse> LockAsync(LockRequest request, CancellationToken cancellationToken)
    {
        (QueuePlace place, ResponseHeader header) = await queue
            .TakeTurnAsync(request.Name, request.Lease, ByteString.Empty, cancellationToken).ConfigureAwait(false);
        return new LockResponse { Header = header, Key = place.Key };
    }

    private async Task<UnlockResponse> UnlockAsync(UnlockRequest request, CancellationToken cancellationToken)
    {
        DeleteRangeRequest delete = new() { Key = request.Key };
        TxnValidation.Check(delete);
        DeleteRangeResponse response = await core.ProposeAsync<DeleteRangeResponse>(
            new Command { DeleteRange = delete }, cancellationToken).ConfigureAwait(false);
        return new UnlockResponse { Header = core.Fill(response.Header) };
    }
}
