using System.Security.Cryptography;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>etcd's service <c>Maintenance</c>: how a member stands, alarms, hashes, snapshots.</summary>
internal sealed class MaintenanceService(ServiceCore core, ISnapshotExport? snapshots)
{
    private const string Service = "etcdserverpb.Maintenance";
    private const int BlobBytes = 32 * 1024;

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "Status", StatusRequest.Parser, StatusResponse.Parser, StatusAsync, static _ => true);
        map.Unary(Service, "Alarm", AlarmRequest.Parser, AlarmResponse.Parser, AlarmAsync);
        map.Unary(Service, "Defragment", DefragmentRequest.Parser, DefragmentResponse.Parser, DefragmentAsync);
        map.Unary(Service, "Hash", HashRequest.Parser, HashResponse.Parser, HashAsync);
        map.Unary(Service, "HashKV", HashKVRequest.Parser, HashKVResponse.Parser, HashKeysAsync);
        map.Unary(Service, "MoveLeader", MoveLeaderRequest.Parser, MoveLeaderResponse.Parser, MoveLeaderAsync);
        map.Unary(
            Service, "Downgrade", DowngradeRequest.Parser, DowngradeResponse.Parser,
            static (_, _) => throw EtcdStatus.DowngradeUnsupported.Raise());
        map.ServerStreaming(
            Service, "Snapshot", SnapshotRequest.Parser, SnapshotResponse.Parser, SnapshotAsync,
            learnerAnswers: true);
    }

    private Task<StatusResponse> StatusAsync(StatusRequest request, CancellationToken cancellationToken)
    {
        ConsensusStatus status = core.Consensus.Status;
        StatusResponse response = new()
        {
            Header = core.Header(),
            Version = CoordinationServiceOptions.ProtocolVersion,
            DbSize = core.State.SizeBytes,
            DbSizeInUse = core.State.SizeBytes,
            DbSizeQuota = core.Options.QuotaBytes,
            Leader = status.Leader.Value,
            RaftIndex = (ulong)status.Commit.Value,
            RaftAppliedIndex = (ulong)status.Applied.Value,
            RaftTerm = (ulong)status.Term.Value,
            IsLearner = core.IsLearner(),
            StorageVersion = CoordinationServiceOptions.ProtocolVersion,
        };
        if (status.Leader == NodeId.None)
        {
            response.Errors.Add(EtcdStatus.NoLeader.Detail);
        }

        if (status.IsDiskFull)
        {
            response.Errors.Add("the disk of this member is full: it takes no entries until there is room");
        }

        if (status.IsDamaged)
        {
            response.Errors.Add("the log of this member is damaged: it does not vote until the leader has mended it");
        }

        if (status.SnapshotFault is { } fault)
        {
            response.Errors.Add("a snapshot failed: " + fault);
        }

        foreach (AlarmMember alarm in core.State.Alarms())
        {
            response.Errors.Add($"memberID:{alarm.MemberID} alarm:{NameOf(alarm.Alarm)} ");
        }

        return Task.FromResult(response);
    }

    private async Task<AlarmResponse> AlarmAsync(AlarmRequest request, CancellationToken cancellationToken)
    {
        AlarmResponse response;
        if (request.Action == AlarmRequest.Types.AlarmAction.Get)
        {
            await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
            response = new AlarmResponse
            {
                Alarms =
                {
                    core.State.Alarms().Where(on => request.Alarm == AlarmType.None || on.Alarm == request.Alarm),
                },
            };
        }
        else
        {
            response = await core.ProposeAsync<AlarmResponse>(new Command { Alarm = request }, cancellationToken)
                .ConfigureAwait(false);
        }

        response.Header = core.Fill(response.Header);
        return response;
    }

    /// <summary>
    /// There is no file with holes to close: the state lives in memory and what it lets go of is free at once. So
    /// this has nothing to do, and succeeds, since tools call it after each compaction.
    /// </summary>
    private Task<DefragmentResponse> DefragmentAsync(DefragmentRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new DefragmentResponse { Header = core.Header() });

    private Task<HashResponse> HashAsync(HashRequest request, CancellationToken cancellationToken)
    {
        (uint hash, long revision, _) = core.State.HashKeys(0);
        return Task.FromResult(new HashResponse { Header = core.Header(revision), Hash = hash });
    }

    private Task<HashKVResponse> HashKeysAsync(HashKVRequest request, CancellationToken cancellationToken)
    {
        (uint hash, long revision, long compactRevision) = core.State.HashKeys(request.Revision);
        return Task.FromResult(new HashKVResponse
        {
            Header = core.Header(),
            Hash = hash,
            CompactRevision = compactRevision,
            HashRevision = revision,
        });
    }

    private async Task<MoveLeaderResponse> MoveLeaderAsync(
        MoveLeaderRequest request, CancellationToken cancellationToken)
    {
        ConsensusStatus status = core.Consensus.Status;
        if (!status.IsLeader)
        {
            throw EtcdStatus.NotLeader.Raise();
        }

        NodeId successor = new(request.TargetID);
        if (!status.Membership.Voters.Contains(successor))
        {
            throw EtcdStatus.BadLeaderTransferee.Raise();
        }

        await core.RunAsync(
            async (consensus, token) =>
            {
                await consensus.TransferLeadershipAsync(successor, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return new MoveLeaderResponse { Header = core.Header() };
    }

    private async Task SnapshotAsync(
        SnapshotRequest request, IRpcResponseStream<SnapshotResponse> responses, CancellationToken cancellationToken)
    {
        if (snapshots is null)
        {
            throw EtcdStatus.SnapshotUnsupported.Raise();
        }

        await using SnapshotExport export = await snapshots.OpenAsync(cancellationToken).ConfigureAwait(false);
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BlobBytes];
        ResponseHeader? header = core.Header(export.Revision);
        for (long left = export.Bytes; left > 0;)
        {
            int count = (int)Math.Min(left, buffer.Length);
            await export.Data.ReadExactlyAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            digest.AppendData(buffer, 0, count);
            left -= count;
            await responses.WriteAsync(
                Part(header, left, UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count))), cancellationToken)
                .ConfigureAwait(false);
            header = null;
        }

        // The digest of all that came before ends the snapshot; a client keeps it behind the bytes and checks it.
        await responses.WriteAsync(
            Part(header, 0, ByteString.CopyFrom(digest.GetHashAndReset())), cancellationToken).ConfigureAwait(false);
    }

    private static SnapshotResponse Part(ResponseHeader? header, long left, ByteString blob) => new()
    {
        Header = header,
        RemainingBytes = (ulong)left,
        Blob = blob,
        Version = CoordinationServiceOptions.ProtocolVersion,
    };

    private static string NameOf(AlarmType alarm) => alarm switch
    {
        AlarmType.Nospace => "NOSPACE",
        AlarmType.Corrupt => "CORRUPT",
        _ => "NONE",
    };
}
