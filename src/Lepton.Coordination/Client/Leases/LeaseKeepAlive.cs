using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Transport;
using Lepton.Rpc;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Leases;

/// <summary>
/// Keeps a lease alive once. The protocol has a stream for it; one is opened for each beat and ended again, so that no
/// beat depends on the fate of a connection that the last one used.
/// </summary>
internal sealed class LeaseKeepAlive(EndpointRing ring, CoordinationClientOptions options)
{
    /// <summary>Sends a beat; asks one server after the other until one answers or the time is over.</summary>
    public async Task<TimeSpan> RunAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string what = $"the keep-alive of lease {lease}";
        long startedAt = options.TimeProvider.GetTimestamp();
        TimeSpan left = timeout;
        for (int attempt = 1; ; attempt++)
        {
            ICoordinationTransport transport = ring.Current;
            try
            {
                Pb.LeaseKeepAliveResponse answer = await BeatAsync(
                    transport, lease, left < options.AttemptTimeout ? left : options.AttemptTimeout, cancellationToken)
                    .ConfigureAwait(false);
                return answer.TTL > 0
                    ? TimeSpan.FromSeconds(answer.TTL)
                    : throw new CoordinationException(
                        CoordinationFailure.LeaseNotFound, RpcParty.Callee, transport.Endpoint,
                        $"Lease {lease} has ended: {transport.Endpoint} knows it no more. Its keys are gone; grant a " +
                        "new one.");
            }
            catch (RpcException e)
            {
                bool again = RetryPolicy.Judge(CallKind.RepeatableWrite, e) == RetryVerdict.RetryElsewhere;
                if (again)
                {
                    ring.MoveOn(transport);
                }

                // One round over the servers: whoever keeps leases alive knows when to begin the next.
                left = timeout - options.TimeProvider.GetElapsedTime(startedAt);
                if (!again || left <= TimeSpan.Zero || attempt >= ring.All.Count)
                {
                    throw FailureText.Of(e, CallKind.Read, what, transport.Endpoint, attempt);
                }
            }
        }
    }

    private static async Task<Pb.LeaseKeepAliveResponse> BeatAsync(
        ICoordinationTransport transport, LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ICoordinationStream<Pb.LeaseKeepAliveRequest, Pb.LeaseKeepAliveResponse> stream = transport.OpenDuplex(
            CoordinationMethods.LeaseKeepAlive, new TransportCallOptions(timeout, NeedsLeader: true),
            cancellationToken);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(new Pb.LeaseKeepAliveRequest { ID = lease.Value }, cancellationToken)
                .ConfigureAwait(false);
            stream.Complete();
            return await stream.ReadAsync(cancellationToken).ConfigureAwait(false) ??
                throw new RpcException(StatusCode.Unavailable, "the server ended the keep-alive without an answer");
        }
    }
}
