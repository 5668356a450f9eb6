using System.Globalization;
using System.Text.Json;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Snapshots;
using Lepton.Coordination.Tests.Servers;
using Lepton.Coordination.Tests.Services;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Snapshots;

/// <summary>Snapshots go from our servers to etcd's tools and etcd, and back.</summary>
public sealed class EtcdExchangeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-snapshots-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Save_ByEtcdctlFromUs_RestoresIntoEtcdWithAllKeysRevisionsAndLeases()
    {
        Etcdctl.Require();
        ServerProgram.Etcd.Require();
        string file = PathOf("ours.db");
        string expected;
        await using (OwnMember ours = await OwnMember.StartAsync(OwnMember.Alone(PathOf("m0"), OwnMember.FreeUrl())))
        {
            await ours.ServesAsync();
            await StoreContent.WriteAsync(ours.Channel);
            expected = await StoreText.ReadAsync(ours.Channel, StoreContent.CompactedRevision + 1);

            string saved = await Etcdctl.RunAsync(ours.Address, "", "snapshot", "save", file);

            Assert.DoesNotContain("[exit", saved, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(PathOf("m0"), "export-*"));
        }

        EtcdSnapshotStatus status = EtcdSnapshotImport.ReadStatus(file);
        Assert.Equal(await EtcdctlStatusAsync(file), status);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"revision {status.Revision}\n"), expected,
            StringComparison.Ordinal);

        MemberProcess etcd = await RestoreEtcdAsync(file);
        try
        {
            using RpcChannel channel = new(etcd.Endpoint);
            await OwnMember.ServesAsync(channel);
            Assert.Equal(expected, await StoreText.ReadAsync(channel, StoreContent.CompactedRevision + 1));
            RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
                Methods.Range,
                new RangeRequest { Key = Methods.Bytes("x"), Revision = StoreContent.CompactedRevision - 1 }));
            Assert.Contains("compacted", e.Detail, StringComparison.Ordinal);
        }
        finally
        {
            await etcd.KillAsync();
        }
    }

    [Fact]
    public async Task Restore_OfWhatEtcdctlSavedFromEtcd_GivesAllKeysRevisionsAndLeases()
    {
        Etcdctl.Require();
        string file = PathOf("etcds.db");
        string expected;
        await using (Etcd etcd = await Etcd.StartAsync())
        {
            using RpcChannel channel = new(etcd.Address);
            await StoreContent.WriteAsync(channel);
            expected = await StoreText.ReadAsync(channel, StoreContent.CompactedRevision + 1);
            string saved = await Etcdctl.RunAsync(etcd.Address, "", "snapshot", "save", file);
            Assert.DoesNotContain("[exit", saved, StringComparison.Ordinal);
        }

        Assert.Equal(await EtcdctlStatusAsync(file), EtcdSnapshotImport.ReadStatus(file));
        string peer = OwnMember.FreeUrl();
        CoordinatorOptions options = OwnMember.Alone(PathOf("m0"), peer);

        RestoredMember restored = EtcdSnapshotImport.Restore(file, options);

        Assert.Equal(StoreContent.CompactedRevision, restored.CompactedRevision);
        Assert.Equal((2, 0), (restored.Leases, restored.LostLeases));
        await using (OwnMember ours = await OwnMember.StartAsync(options))
        {
            await ours.ServesAsync();
            Assert.Equal(expected, await StoreText.ReadAsync(ours.Channel, StoreContent.CompactedRevision + 1));
            PutResponse put = await ours.Channel.UnaryAsync(
                Methods.Put, new PutRequest { Key = Methods.Bytes("later"), Lease = 0x1234 });
            Assert.Equal(restored.Revision + 1, put.Header.Revision);
        }

        await using OwnMember again = await OwnMember.StartAsync(options);
        await again.ServesAsync();
        RangeResponse later = await again.Channel.UnaryAsync(
            Methods.Range, new RangeRequest { Key = Methods.Bytes("later") });
        Assert.Equal(restored.Revision + 1, Assert.Single(later.Kvs).ModRevision);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task<MemberProcess> RestoreEtcdAsync(string file)
    {
        (string client, string peer) = (OwnMember.FreeUrl(), OwnMember.FreeUrl());
        DirectoryInfo data = new(PathOf("etcd"));
        string restored = await Etcdctl.RunAsync(new Uri(client), "", "snapshot", "restore", file, "--name", "e0",
            "--data-dir", data.FullName, "--initial-cluster", $"e0={peer}", "--initial-advertise-peer-urls", peer,
            "--initial-cluster-token", data.Parent!.Name);
        Assert.DoesNotContain("[exit", restored, StringComparison.Ordinal);
        MemberProcess etcd = new(ServerProgram.Etcd, new MemberSettings
        {
            Name = "e0",
            Data = data.FullName,
            Client = new Uri(client),
            Peer = new Uri(peer),
            Cluster = $"e0={peer}",
            Token = data.Parent!.Name,
        });
        etcd.Start();
        return etcd;
    }

    private static async Task<EtcdSnapshotStatus> EtcdctlStatusAsync(string file)
    {
        string json =
            await Etcdctl.RunAsync(new Uri("http://127.0.0.1:1"), "", "snapshot", "status", file, "-w", "json");
        JsonElement status = JsonDocument.Parse(json).RootElement;
        return new EtcdSnapshotStatus(
            status.GetProperty("hash").GetUInt32(), status.GetProperty("revision").GetInt64(),
            status.GetProperty("totalKey").GetInt64(), status.GetProperty("totalSize").GetInt64());
    }
}
