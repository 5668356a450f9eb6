using System.Diagnostics;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Debian's etcdctl as a client of our server.</summary>
public sealed class EtcdctlTests : ServiceTest
{
    private const string FileName = "etcdctl.txt";

    [Fact]
    public async Task Etcdctl_OurServer_WritesAsWithEtcd()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        string expected = Transcript.Read(FileName);
        Assert.Equal(expected, await Etcdctl.PlayAsync(server.Address, expected), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Etcdctl_RealEtcd_WritesAsInTheFile()
    {
        Etcdctl.Require();
        await using Etcd etcd = await Etcd.StartAsync();
        string expected = Transcript.Read(FileName);
        string actual = await Etcdctl.PlayAsync(etcd.Address, expected);
        if (Environment.GetEnvironmentVariable("LEPTON_WRITE_TRANSCRIPTS") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, FileName), actual);
            return;
        }

        Assert.Equal(expected, actual, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Watch_KeysChange_WritesEvents()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Put, Put("w/0", "before"));
        using Process watch = Etcdctl.Start(server.Address, "watch", "w/", "--prefix", "--prev-kv", "--rev", "2");
        Assert.Equal(["PUT", "w/0", "before"], await LinesAsync(watch, 3));
        await server.Channel.UnaryAsync(Methods.Put, Put("w/0", "after"));
        Assert.Equal(["PUT", "w/0", "before", "w/0", "after"], await LinesAsync(watch, 5));
        await server.Channel.UnaryAsync(Methods.DeleteRange, new() { Key = Bytes("w/0") });
        Assert.Equal(["DELETE", "w/0", "after", "w/0"], await LinesAsync(watch, 4));
        watch.Kill();
    }

    [Fact]
    public async Task Watch_CompactedRevision_SaysSo()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Put, Put("w", "1"));
        await server.Channel.UnaryAsync(Methods.Put, Put("w", "2"));
        await server.Channel.UnaryAsync(Methods.Compact, new() { Revision = 3 });
        string output = await Etcdctl.RunAsync(server.Address, "", "watch", "w", "--rev", "2");
        Assert.Contains("watch was canceled (etcdserver: mvcc: required revision has been compacted)", output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task LeaseKeepAlive_Running_KeepsTheLease()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 0x1234, TTL = 3 });
        using Process keepAlive = Etcdctl.Start(server.Address, "lease", "keep-alive", "1234");
        Assert.Equal(
            ["lease 0000000000001234 keepalived with TTL(3)", "lease 0000000000001234 keepalived with TTL(3)"],
            await LinesAsync(keepAlive, 2));
        await server.Channel.UnaryAsync(Methods.LeaseRevoke, new() { ID = 0x1234 });
        Assert.Equal(["lease 0000000000001234 expired or revoked."], await LinesAsync(keepAlive, 1));
        await Step(keepAlive.WaitForExitAsync(), "keep-alive ends with its lease");
    }

    [Fact]
    public async Task LockAndElect_TwoClients_OneAfterTheOther()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        using Process first = Etcdctl.Start(server.Address, "lock", "l");
        string firstKey = (await LinesAsync(first, 1))[0];
        using Process second = Etcdctl.Start(server.Address, "lock", "l");
        Task<string[]> secondKey = LinesAsync(second, 1);
        while ((await server.Channel.UnaryAsync(Methods.Range, Prefix("l/"))).Count < 2)
        {
            await Task.Yield();
        }

        Assert.False(secondKey.IsCompleted);
        await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = Bytes(firstKey) });
        Assert.StartsWith("l/", (await secondKey)[0], StringComparison.Ordinal);
        first.Kill();
        second.Kill();

        using Process leader = Etcdctl.Start(server.Address, "elect", "e", "me");
        Assert.Equal("me", (await LinesAsync(leader, 2))[1]);
        using Process listener = Etcdctl.Start(server.Address, "elect", "-l", "e");
        Assert.Equal("me", (await LinesAsync(listener, 2))[1]);
        leader.Kill();
        listener.Kill();
    }

    [Fact]
    public async Task EndpointStatusAndHashKeys_OurServer_AreShown()
    {
        Etcdctl.Require();
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Put, Put("a", "1"));
        string status = await Etcdctl.RunAsync(server.Address, "", "endpoint", "status", "-w", "fields");
        Assert.Contains("\"Version\" : \"3.5.0\"", status, StringComparison.Ordinal);
        Assert.Contains("\"Revision\" : 2", status, StringComparison.Ordinal);
        Assert.Contains("\"Leader\" : 10276657743932975437", status, StringComparison.Ordinal);
        string hash = await Etcdctl.RunAsync(server.Address, "", "endpoint", "hashkv", "-w", "fields");
        Assert.Matches("\"Hash\" : [0-9]+", hash);
    }

    [Fact]
    public async Task SnapshotSave_OurServer_GetsTheBytesWithTheirDigest()
    {
        Etcdctl.Require();
        byte[] content = new byte[200 * 512];
        new Random(7).NextBytes(content);
        TestServer server = await ServeAsync(snapshots: new FixedSnapshot(content));
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-snapshot-");
        try
        {
            string file = Path.Combine(folder.FullName, "db");
            string output = await Etcdctl.RunAsync(server.Address, "", "snapshot", "save", file);
            Assert.Contains("Snapshot saved at", output, StringComparison.Ordinal);
            byte[] saved = await File.ReadAllBytesAsync(file);
            Assert.Equal(content, saved[..^32]);
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(content), saved[^32..]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Lepton.Coordination.Protocol.RangeRequest Prefix(string prefix) => new()
    {
        Key = Bytes(prefix),
        RangeEnd = Bytes(prefix[..^1] + (char)(prefix[^1] + 1)),
        CountOnly = true,
    };

    private static async Task<string[]> LinesAsync(Process process, int count)
    {
        string[] lines = new string[count];
        for (int i = 0; i < count; i++)
        {
            lines[i] = await Step(process.StandardOutput.ReadLineAsync(), $"etcdctl writes line {i + 1} of {count}") ??
                throw new InvalidOperationException(
                    $"etcdctl ended: {await process.StandardError.ReadToEndAsync()}");
        }

        return lines;
    }
}
