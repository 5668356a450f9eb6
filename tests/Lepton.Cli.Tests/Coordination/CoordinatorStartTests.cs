using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Cli.Tests.Coordination;

/// <summary>
/// A member that can't start says what was wrong, where, what was expected and what to do, ends with the code of its
/// kind, and leaves those alone that run.
/// </summary>
public sealed class CoordinatorStartTests : ServerTest
{
    [Theory]
    [InlineData("'lepton coordinator' has no option '--nmae'. Did you mean '--name'?", "--nmae", "n1")]
    [InlineData("--heartbeat-interval is 'soon'; expected a whole number from 1", "--heartbeat-interval", "soon")]
    [InlineData("--quota-backend-bytes is '-1'; expected a number of bytes", "--quota-backend-bytes", "-1")]
    [InlineData("--election-timeout: 100 ms must be five times --heartbeat-interval", "--election-timeout", "100")]
    [InlineData("--initial-cluster-state: 'old' must be new or existing", "--initial-cluster-state", "old")]
    [InlineData("--listen-client-urls: 'here' is no URL; expected such as", "--listen-client-urls", "here")]
    [InlineData("'ftp://127.0.0.1:1' begins with ftp; expected http or https", "--listen-peer-urls",
        "ftp://127.0.0.1:1")]
    [InlineData("'http://127.0.0.1' has no port; expected such as", "--listen-client-urls", "http://127.0.0.1")]
    [InlineData("'http://127.0.0.1:1/x' has more than a host and a port", "--listen-client-urls",
        "http://127.0.0.1:1/x")]
    [InlineData("'http://example.org:1' names a host; give the address of this machine", "--listen-client-urls",
        "http://example.org:1")]
    [InlineData("can be reached from other machines", "--listen-client-urls", "http://0.0.0.0:1")]
    [InlineData("'n2' is no NAME=URL", "--initial-cluster", "n2")]
    [InlineData("--initial-cluster names n1, and --name is default. Add default=http://127.0.0.1:2380 to it, or " +
        "correct the name.", "--initial-cluster", "n1=http://127.0.0.1:2380")]
    [InlineData("--initial-cluster has http://127.0.0.1:9 for default, and --initial-advertise-peer-urls has " +
        "http://127.0.0.1:2380. Give both the same.", "--initial-cluster", "default=http://127.0.0.1:9")]
    [InlineData("a name that comes again is another URL of the same member", "--initial-cluster",
        "default=http://127.0.0.1:2380,default=http://127.0.0.1:9")]
    [InlineData("http://127.0.0.1:2380 is given to two members; each needs a peer URL of its own",
        "--initial-cluster", "default=http://127.0.0.1:2380,n2=http://127.0.0.1:2380")]
    [InlineData("--cert-file and --key-file belong together", "--cert-file", "/no/such.pem")]
    [InlineData("--peer-client-cert-auth needs --peer-trusted-ca-file", "--peer-client-cert-auth")]
    [InlineData("--cert-file with --key-file '/no/key.pem' '/no/such.pem': ", "--cert-file", "/no/such.pem",
        "--key-file", "/no/key.pem")]
    [InlineData("'https://127.0.0.1:1' needs a certificate and its key", "--listen-peer-urls", "https://127.0.0.1:1")]
    public async Task Start_WrongFlags_SaysWhatIsExpected(string message, params string[] flags)
    {
        using TemporaryFolder folder = new();
        using LeptonRun run = await LeptonRun.OfAsync(["coordinator", "--data-dir", folder.File("d"), .. flags]);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("lepton: ", run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.False(Directory.Exists(folder.File("d")));
    }

    [Theory]
    [InlineData("--", "expired", "expired", "is valid from ")]
    [InlineData("--peer-", "expired", "expired", "is valid from ")]
    [InlineData("--", "server", "client", "expected PEM.")]
    [InlineData("--peer-", "server", "client", "expected PEM.")]
    public async Task Start_WrongCertificates_NamesFlagAndFile(
        string prefix, string certificate, string key, string message)
    {
        using TestCertificates certificates = new();
        string file = certificates.CertificateOf(certificate);
        using LeptonRun run = await LeptonRun.OfAsync(
            "coordinator", $"{prefix}cert-file", file, $"{prefix}key-file", certificates.KeyOf(key));
        Assert.Contains($"{prefix}cert-file", run.Error, StringComparison.Ordinal);
        Assert.Contains(file, run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Start_DirectoryOrPortsOfOneThatRuns_IsRefusedAndThatOneServesOn()
    {
        MemberSettings running = Server.Members[0].Settings;
        string data = running.Data;
        await RefusedAsync(17, $"{data}/raft is in use by another process", "--name", "m0", "--data-dir", data);
        await RefusedAsync(
            17, $"{data} belongs to the member 'm0', and this is 'm9'. Give --name m0, or another --data-dir.",
            "--name", "m9", "--data-dir", data);
        using TemporaryFolder folder = new();
        foreach (string url in (string[])[Text(running.Client), Text(running.Peer)])
        {
            using LeptonRun run = await StartAsync(
                "--data-dir", folder.File("own"), "--listen-client-urls", url);
            Assert.Equal((13, ""), (run.ExitCode, run.Output));
            Assert.Contains(
                $"The server of --listen-client-urls can't listen at {new Uri(url).Authority}. The port is in use.",
                run.Error,
                StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.File("own")));
        }

        await RefusedAsync(
            14, $"has no member with the peer URLs", "--name", "m1", "--data-dir", folder.File("joining"),
            "--initial-cluster-state", "existing", "--initial-cluster",
            $"m0={Text(running.Peer)},m1=http://127.0.0.1:1", "--initial-advertise-peer-urls", "http://127.0.0.1:1");
        await RefusedAsync(
            14, "Tried http://127.0.0.1:1: no connection came about", "--name", "m1", "--data-dir",
            folder.File("lonely"), "--initial-cluster-state", "existing", "--initial-cluster",
            "m0=http://127.0.0.1:1,m1=http://127.0.0.1:2", "--initial-advertise-peer-urls", "http://127.0.0.1:2");
        Assert.False(Directory.Exists(folder.File("joining")) || Directory.Exists(folder.File("lonely")));
        await Client.PutAsync("k", "v");
        Assert.Equal((Bytes)"v", (await Client.GetAsync("k"))!.Value);
    }

    [Fact]
    public async Task Start_DirectoryThatCannotBeUsed_SaysWhy()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("file", "text");
        await RefusedAsync(17, $"--data-dir: {file} is a file; a directory was expected.", "--data-dir", file);
        Directory.CreateDirectory(Path.Combine(folder.File("etcd"), "member", "wal"));
        await RefusedAsync(
            17, $"--data-dir: {folder.File("etcd")} is etcd's, which a coordinator can't read; nothing was changed.",
            "--data-dir", folder.File("etcd"));
        Assert.Equal(["member"], Directory.EnumerateFileSystemEntries(folder.File("etcd")).Select(Path.GetFileName));
        string identity = Path.Combine(Directory.CreateDirectory(folder.File("d")).FullName, "identity.json");
        await File.WriteAllTextAsync(identity, "{ half of it");
        await RefusedAsync(17, $"{identity} can't be read: ", "--data-dir", folder.File("d"));
        await File.WriteAllTextAsync(
            identity, """{"format":2,"clusterId":"1","memberId":"1","name":"default","joined":false}""");
        await RefusedAsync(
            17, $"{folder.File("d")} has format 2; this version knows formats up to 1. Start it with the version " +
            "that wrote it, or a newer one.", "--data-dir", folder.File("d"));
    }

    [Fact]
    public async Task Start_DirectoryWithoutRights_SaysWhy()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may read everything: run the tests as another user.");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Rights are given in another way there.");
            return;
        }

        using TemporaryFolder folder = new();
        DirectoryInfo closed = Directory.CreateDirectory(folder.File("closed"));
        closed.UnixFileMode = UnixFileMode.None;
        try
        {
            await RefusedAsync(17, "Give the user that runs the member the right", "--data-dir", closed.FullName);
        }
        finally
        {
            closed.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }
    }

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static Task<LeptonRun> StartAsync(params string[] flags)
    {
        int[] ports = FreePorts.Find(2);
        string[] addresses =
        [
            "--listen-client-urls", $"http://127.0.0.1:{ports[0]}",
            "--listen-peer-urls", $"http://127.0.0.1:{ports[1]}",
        ];
        return LeptonRun.OfAsync(
            ["coordinator", .. flags.Contains("--listen-client-urls") ? addresses[2..] : addresses, .. flags]);
    }

    private static async Task RefusedAsync(int code, string message, params string[] flags)
    {
        using LeptonRun run = await StartAsync(flags);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
    }
}
