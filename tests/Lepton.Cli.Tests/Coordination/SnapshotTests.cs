using System.Text.Json;

namespace Lepton.Cli.Tests.Coordination;

public sealed class SnapshotTests : ServerTest
{
    [Fact]
    public async Task SaveStatusRestore_OfACoordinator_DoWhatTheySay()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("backup.db");
        for (int i = 0; i < 10; i++)
        {
            await Client.PutAsync($"k{i}", "v");
        }

        using LeptonRun save = await RunAsync("snapshot", "save", file);
        Assert.Equal(("", 0), (save.Error, save.ExitCode));
        Assert.Matches(
            $"^Saved .*backup.db: {new FileInfo(file).Length} bytes, SHA-256 [0-9a-f]{{64}}\\.\n$", save.Output);
        Assert.Equal([file], Directory.EnumerateFiles(folder.Path));

        using LeptonRun status = await LeptonRun.OfAsync("snapshot", "status", file, "--json");
        Assert.Equal(11, JsonDocument.Parse(status.Output).RootElement.GetProperty("revision").GetInt64());
        using LeptonRun text = await LeptonRun.OfAsync("snapshot", "status", file);
        Assert.Matches("^hash +[0-9a-f]+\nrevision +11\ntotal keys +[0-9]+\nsize +[0-9]+ bytes\n$", text.Output);

        string data = folder.File("n1");
        string[] restore =
        [
            "snapshot", "restore", file, "--name", "n1", "--data-dir", data, "--initial-cluster",
            "n1=http://127.0.0.1:12380,n2=http://127.0.0.1:12382", "--initial-advertise-peer-urls",
            "http://127.0.0.1:12380", "--initial-cluster-token", "t",
        ];
        using LeptonRun restored = await LeptonRun.OfAsync(restore);
        Assert.Equal(("", 0), (restored.Error, restored.ExitCode));
        Assert.Matches("the member n1 .* at revision 11, with 10 keys and 0 leases\\.\n$", restored.Output);
        Assert.True(File.Exists(Path.Combine(data, "identity.json")));
        using LeptonRun again = await LeptonRun.OfAsync(restore);
        Assert.Contains("is not empty", again.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, again.ExitCode);
    }

    [Fact]
    public async Task Restore_DamagedOrMissing_SaysSo()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("text", "no snapshot");
        using LeptonRun noSnapshot =
            await LeptonRun.OfAsync("snapshot", "restore", file, "--data-dir", folder.File("d"));
        Assert.Equal((2, ""), (noSnapshot.ExitCode, noSnapshot.Output));
        Assert.StartsWith($"lepton: {file} has 12 bytes", noSnapshot.Error, StringComparison.Ordinal);
        using LeptonRun missing = await LeptonRun.OfAsync("snapshot", "status", folder.File("nowhere"));
        Assert.Equal((3, ""), (missing.ExitCode, missing.Output));
        using LeptonRun flags = await LeptonRun.OfAsync(
            "snapshot", "restore", file, "--name", "n9", "--initial-cluster", "n1=http://127.0.0.1:1");
        Assert.Equal(2, flags.ExitCode);
        Assert.StartsWith("lepton: The member can't be restored. --initial-cluster names n1", flags.Error,
            StringComparison.Ordinal);
    }
}
