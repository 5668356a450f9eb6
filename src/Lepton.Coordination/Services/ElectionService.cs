using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Watch;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>etcd's service <c>Election</c>.</summary>
internal sealed class ElectionService(ServiceCore core, WaitingQueue queue, WatchHub hub)
{
    private const string Service = "v3electionpb.Election";

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "Campaign", CampaignRequest.Parser, CampaignResponse.Parser, CampaignAsync);
        map.Unary(Service, "Proclaim", ProclaimRequest.Parser, ProclaimResponse.Parser, ProclaimAsync);
        map.Unary(Service, "Leader", LeaderRequest.Parser, LeaderResponse.Parser, LeaderAsync);
        map.Unary(Service, "Resign", ResignRequest.Parser, ResignResponse.Parser, ResignAsync);
        map.ServerStreaming(
            Service, "Observe", LeaderRequest.Parser, LeaderResponse.Parser, ObserveAsync);
    }

    private async Task<CampaignResponse> CampaignAsync(CampaignRequest request, CancellationToken cancellationToken)
    {
        (QueuePlace place, ResponseHeader header) = await queue
            .TakeTurnAsync(request.Name, request.Lease, request.Value, cancellationToken).ConfigureAwait(false);
        LeaderKey leader = new()
        {
            Name = request.Name,
            Key = place.Key,
            Rev = place.CreateRevision,
            Lease = request.Lease,
        };
        return new CampaignResponse { Header = header, Leader = leader };
    }

    private async Task<ProclaimResponse> ProclaimAsync(ProclaimRequest request, CancellationToken cancellationToken)
    {
        LeaderKey leader = request.Leader ?? throw EtcdStatus.LeaderFieldMissing.Raise();
        return new ProclaimResponse
        {
            Header = await ReplaceAsync(leader, request.Value, cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<LeaderResponse> LeaderAsync(LeaderRequest request, CancellationToken cancellationToken)
    {
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        return Leader(request.Name) ?? throw EtcdStatus.ElectionNoLeader.Raise();
    }

    private async Task<ResignResponse> ResignAsync(ResignRequest request, CancellationToken cancellationToken)
    {
        LeaderKey leader = request.Leader ?? throw EtcdStatus.LeaderFieldMissing.Raise();
        TxnResponse response =
            await queue.LeaveAsync(leader.Key, leader.Rev, cancellationToken).ConfigureAwait(false);
        return new ResignResponse { Header = core.Fill(response.Header) };
    }

    /// <summary>
    /// Sends the leader's value, and again whenever the leader or its value is another one. Values that are replaced
    /// before they could be sent are left out.
    /// </summary>
    private async Task ObserveAsync(
        LeaderRequest request, IRpcResponseStream<LeaderResponse> responses, CancellationToken cancellationToken)
    {
        ByteString prefix = WaitingQueue.PrefixOf(request.Name);
        using KeySignal changes = new(hub, prefix, WaitingQueue.EndOf(prefix));
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        long sent = 0;
        while (true)
        {
            Task changed = changes.NextAsync();
            if (Leader(request.Name) is { } leader && leader.Kv.ModRevision != sent)
            {
                sent = leader.Kv.ModRevision;
                await responses.WriteAsync(leader, cancellationToken).ConfigureAwait(false);
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private LeaderResponse? Leader(ByteString name)
    {
        RangeResponse response = core.State.Range(WaitingQueue.First(WaitingQueue.PrefixOf(name)));
        return response.Kvs.Count == 0
            ? null
            : new LeaderResponse { Header = core.Fill(response.Header), Kv = response.Kvs[0] };
    }

    private async Task<ResponseHeader> ReplaceAsync(
        LeaderKey leader, ByteString value, CancellationToken cancellationToken)
    {
        PutRequest put = new() { Key = leader.Key, Value = value, Lease = leader.Lease };
        TxnValidation.Check(put);
        TxnResponse response = await core.ProposeAsync<TxnResponse>(
            new Command
            {
                Txn = new TxnRequest
                {
                    Compare = { WaitingQueue.Created(leader.Key, leader.Rev) },
                    Success = { new RequestOp { RequestPut = put } },
                },
            },
            cancellationToken).ConfigureAwait(false);
        return response.Succeeded ? core.Fill(response.Header) : throw EtcdStatus.ElectionNotLeader.Raise();
    }
}
