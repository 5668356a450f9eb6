using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>A server that wants certificates.</summary>
public abstract class TlsContract(ServerProgram program) : CoordinationTest
{
    [Fact]
    public async Task Calls_RightAndWrongCertificates_AreServedAndRefused()
    {
        program.Require();
        using TestCertificates ours = new();
        using TestCertificates foreign = new();
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 1, ours);
        CoordinationTlsOptions right = new()
        {
            CaFile = ours.CaFile, CertificateFile = ours.CertificateOf("client"), KeyFile = ours.KeyOf("client"),
        };

        using CoordinationClient client = etcd.NewClient(new CoordinationClientOptions { Tls = right });
        Assert.Equal(1, (await CountAsync(client)).Version);
        await RefusedAsync(etcd, right with { CaFile = foreign.CaFile }, "no secure connection came about");
        await RefusedAsync(etcd, right with { CertificateFile = null, KeyFile = null }, "failed with Unavailable");
        await RefusedAsync(
            etcd,
            right with { CertificateFile = foreign.CertificateOf("client"), KeyFile = foreign.KeyOf("client") },
            "failed with Unavailable");
        await RefusedAsync(
            etcd, right with { CertificateFile = ours.CertificateOf("expired"), KeyFile = ours.KeyOf("expired") },
            "failed with Unavailable");
        await RefusedAsync(etcd, right with { ServerName = "other.example" }, "no secure connection came about");
    }

    private static async Task<KeyValue> CountAsync(CoordinationClient client)
    {
        await client.PutAsync("k", "v");
        return (await client.GetAsync("k"))!;
    }

    private static async Task RefusedAsync(MemberCluster etcd, CoordinationTlsOptions tls, string message)
    {
        using CoordinationClient client = etcd.NewClient(new CoordinationClientOptions
        {
            Tls = tls, CallTimeout = TimeSpan.FromSeconds(4),
        });
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => client.GetAsync("k"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
