using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Members that want certificates of each other.</summary>
[Collection("failures")]
public sealed class PeerTlsTests : CoordinationTest
{
    [Fact]
    public async Task ThreeMembers_WithCertificates_AgreeAndLetNobodyElseIn()
    {
        ServerProgram.Lepton.Require();
        using TestCertificates ours = new();
        using TestCertificates foreign = new();
        await using MemberCluster cluster = await MemberCluster.StartAsync(
            ServerProgram.Lepton, members: 3, ours, secretPeers: true);
        using CoordinationClient client = cluster.NewClient(
            new CoordinationClientOptions { CallTimeout = Patience });
        await client.PutAsync("k", "1");
        int leader = await cluster.LeaderAsync();
        await cluster.Members[leader].KillAsync();
        Assert.Equal((Bytes)"1", (await client.GetAsync("k"))!.Value);
        cluster.Members[leader].Start();
        await cluster.ServesAsync();

        // Where members talk, only they are let in; and they serve nothing else there.
        CoordinationTlsOptions right = cluster.ClientTls!;
        await RefusedAsync(cluster, right, "failed with Unimplemented");
        await RefusedAsync(cluster, right with { CertificateFile = null, KeyFile = null }, "failed with Unavailable");
        await RefusedAsync(
            cluster,
            right with { CertificateFile = foreign.CertificateOf("server"), KeyFile = foreign.KeyOf("server") },
            "failed with Unavailable");
        await RefusedAsync(
            cluster, right with { CertificateFile = ours.CertificateOf("expired"), KeyFile = ours.KeyOf("expired") },
            "failed with Unavailable");
        using CoordinationClient again = cluster.NewClient();
        Assert.Equal((Bytes)"1", (await again.GetAsync("k"))!.Value);
    }

    private static async Task RefusedAsync(MemberCluster cluster, CoordinationTlsOptions tls, string message)
    {
        using CoordinationClient client = new(new CoordinationClientOptions
        {
            Endpoints = [cluster.Members[0].Settings.Peer], Tls = tls, CallTimeout = TimeSpan.FromSeconds(4),
        });
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => client.GetAsync("k"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
