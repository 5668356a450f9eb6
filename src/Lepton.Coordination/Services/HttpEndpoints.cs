using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;
using Lepton.Rpc.Server;
using Microsoft.AspNetCore.Http;

namespace Lepton.Coordination.Services;

/// <summary>Plain HTTP at etcd's paths: <c>/health</c>, <c>/version</c>, <c>/metrics</c>.</summary>
internal sealed class HttpEndpoints(ServiceCore core)
{
    private const string Json = "application/json";
    private const string PrometheusText = "text/plain; version=0.0.4; charset=utf-8";

    public void MapTo(RpcServices services)
    {
        services.MapHttp("GET", "/health", HealthAsync);
        services.MapHttp("GET", "/version", VersionAsync);
        services.MapHttp("GET", "/metrics", MetricsAsync);
    }

    /// <summary>
    /// Healthy is a member that has a leader, no alarm, and can confirm a read; with <c>?serializable=true</c> one
    /// that lives, whatever the others do.
    /// </summary>
    private async Task HealthAsync(HttpContext context)
    {
        bool local = context.Request.Query["serializable"] == "true";
        string reason = await UnhealthyReasonAsync(local, context.RequestAborted).ConfigureAwait(false);
        bool healthy = reason.Length == 0;
        context.Response.StatusCode =
            healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await RespondAsync(context, Json, JsonSerializer.Serialize(
            new { health = healthy ? "true" : "false", reason })).ConfigureAwait(false);
    }

    private async Task<string> UnhealthyReasonAsync(bool local, CancellationToken cancellationToken)
    {
        IReadOnlyList<AlarmMember> alarms = core.State.Alarms();
        if (alarms.Count > 0)
        {
            return alarms[0].Alarm == AlarmType.Nospace ? "ALARM NOSPACE" : "ALARM CORRUPT";
        }

        if (local)
        {
            return "";
        }

        if (!core.HasLeader)
        {
            return "RAFT NO LEADER";
        }

        try
        {
            await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
            return "";
        }
        catch (RpcException e)
        {
            return "RANGE ERROR:" + e.Detail;
        }
    }

    private static Task VersionAsync(HttpContext context) => RespondAsync(context, Json, JsonSerializer.Serialize(
        new
        {
            etcdserver = CoordinationServiceOptions.ProtocolVersion,
            etcdcluster = CoordinationServiceOptions.ProtocolVersion,
        }));

    private Task MetricsAsync(HttpContext context)
    {
        ConsensusStatus status = core.Consensus.Status;
        StringBuilder text = new();
        Write(text, "lepton_coordination_has_leader", "Whether a leader is known.", "gauge",
            status.Leader == NodeId.None ? 0 : 1);
        Write(text, "lepton_coordination_is_leader", "Whether this member leads.", "gauge", status.IsLeader ? 1 : 0);
        Write(text, "lepton_coordination_is_learner", "Whether this member does not vote.", "gauge",
            core.IsLearner() ? 1 : 0);
        Write(text, "lepton_coordination_raft_term", "The member's term.", "gauge", status.Term.Value);
        Write(text, "lepton_coordination_raft_commit_index", "The highest index known to be committed.", "gauge",
            status.Commit.Value);
        Write(text, "lepton_coordination_raft_applied_index", "The highest index that was applied.", "gauge",
            status.Applied.Value);
        Write(text, "lepton_coordination_disk_full", "Whether the log's disk has no room.", "gauge",
            status.IsDiskFull ? 1 : 0);
        Write(text, "lepton_coordination_damaged", "Whether what the member lost of its log is not made good yet.",
            "gauge", status.IsDamaged ? 1 : 0);
        Write(text, "lepton_coordination_snapshot_failed", "Whether the last snapshot was not taken or accepted.",
            "gauge", status.SnapshotFault is null ? 0 : 1);
        Write(text, "lepton_coordination_members", "Members of the cluster.", "gauge",
            status.Membership.Members.Count);
        Write(text, "lepton_coordination_revision", "The store's revision.", "gauge", core.State.Revision);
        Write(text, "lepton_coordination_compact_revision", "The revision up to which history is gone.", "gauge",
            core.State.CompactRevision);
        Write(text, "lepton_coordination_state_bytes", "What the state takes, as the quota counts it.", "gauge",
            core.State.SizeBytes);
        Write(text, "lepton_coordination_alarms", "Alarms that are on.", "gauge", core.State.Alarms().Count);
        foreach (ServiceMetrics.Entry entry in core.Metrics.Read())
        {
            Write(text, entry.Name, entry.Help, entry.IsCounter ? "counter" : "gauge", entry.Value);
        }

        return RespondAsync(context, PrometheusText, text.ToString());
    }

    private static void Write(StringBuilder text, string name, string help, string kind, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");

    private static Task RespondAsync(HttpContext context, string contentType, string body)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
