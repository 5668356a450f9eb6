using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Transport;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Leases;

/// <summary>The unary calls on leases.</summary>
internal static class LeaseCalls
{
    /// <summary>
    /// Grants a lease under an id of this side's choice, so that a grant whose answer was lost can be repeated: the
    /// server then says that the lease is there.
    /// </summary>
    public static async Task<LeaseGrant> GrantAsync(
        CallRunner calls, Jitter jitter, TimeSpan ttl, CancellationToken cancellationToken)
    {
        if (ttl <= TimeSpan.Zero || ttl > LeaseTtl.Max)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ttl), ttl, $"A lease lives above 0 and up to {LeaseTtl.Max.TotalDays:0} days.");
        }

        LeaseId id = jitter.NextLeaseId();
        long seconds = LeaseTtl.ToSeconds(ttl);
        try
        {
            CallAnswer<Pb.LeaseGrantResponse> answer = await calls.RunAsync(
                CoordinationMethods.LeaseGrant, new Pb.LeaseGrantRequest { TTL = seconds, ID = id.Value },
                new CallDescription($"the grant of a lease of {seconds} s", CallKind.RepeatableWrite), null,
                cancellationToken).ConfigureAwait(false);
            return new LeaseGrant(new LeaseId(answer.Response.ID), TimeSpan.FromSeconds(answer.Response.TTL));
        }
        catch (CoordinationException e) when (e.Failure == CoordinationFailure.LeaseExists)
        {
            // An id is drawn from 2^63: it is this very grant that was made before.
            return new LeaseGrant(id, TimeSpan.FromSeconds(seconds));
        }
    }

    /// <summary>Ends a lease.</summary>
    public static async Task<bool> RevokeAsync(
        CallRunner calls, LeaseId lease, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        try
        {
            await calls.RunAsync(
                CoordinationMethods.LeaseRevoke, new Pb.LeaseRevokeRequest { ID = lease.Value },
                new CallDescription($"the end of lease {lease}", CallKind.RepeatableWrite), timeout,
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CoordinationException e) when (e.Failure == CoordinationFailure.LeaseNotFound)
        {
            return false;
        }
    }

    /// <summary>Tells how a lease stands.</summary>
    public static async Task<LeaseStatus?> GetAsync(
        CallRunner calls, LeaseId lease, bool withKeys, CancellationToken cancellationToken)
    {
        CallAnswer<Pb.LeaseTimeToLiveResponse> answer = await calls.RunAsync(
            CoordinationMethods.LeaseTimeToLive,
            new Pb.LeaseTimeToLiveRequest { ID = lease.Value, Keys = withKeys },
            new CallDescription($"the question for lease {lease}", CallKind.Read), null, cancellationToken)
            .ConfigureAwait(false);
        Pb.LeaseTimeToLiveResponse response = answer.Response;
        return response.TTL < 0
            ? null
            : new LeaseStatus(
                lease, TimeSpan.FromSeconds(response.TTL), TimeSpan.FromSeconds(response.GrantedTTL),
                [.. response.Keys.Select(Wire.FromWire)]);
    }

    /// <summary>Lists all leases.</summary>
    public static async Task<IReadOnlyList<LeaseId>> ListAsync(CallRunner calls, CancellationToken cancellationToken)
    {
        CallAnswer<Pb.LeaseLeasesResponse> answer = await calls.RunAsync(
            CoordinationMethods.LeaseLeases, new Pb.LeaseLeasesRequest(),
            new CallDescription("the list of leases", CallKind.Read), null, cancellationToken).ConfigureAwait(false);
        return [.. answer.Response.Leases.Select(lease => new LeaseId(lease.ID))];
    }
}
