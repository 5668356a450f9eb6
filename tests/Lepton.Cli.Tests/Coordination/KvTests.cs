using System.Text.Json;
using Lepton.Coordination.Client;

namespace Lepton.Cli.Tests.Coordination;

public sealed class KvTests : ServerTest
{
    [Fact]
    public async Task PutGetDel_Keys_DoWhatTheySay()
    {
        using LeptonRun put = await RunAsync("kv", "put", "config/mode", "fast");
        Assert.Equal(("", 0), (put.Error, put.ExitCode));
        long revision = long.Parse(put.Output, System.Globalization.CultureInfo.InvariantCulture);
        await Client.PutAsync("config/other", "x");

        using LeptonRun get = await RunAsync("kv", "get", "config/mode");
        Assert.Equal(("fast\n", "", 0), (get.Output, get.Error, get.ExitCode));
        using LeptonRun all = await RunAsync("kv", "get", "config/", "--prefix");
        Assert.Equal("config/mode\tfast\nconfig/other\tx\n", all.Output);
        using LeptonRun json = await RunAsync("kv", "get", "config/mode", "--json");
        JsonElement entry = JsonDocument.Parse(json.Output).RootElement;
        Assert.Equal("fast", entry.GetProperty("value").GetString());
        Assert.Equal(revision, entry.GetProperty("modRevision").GetInt64());

        using LeptonRun deleted = await RunAsync("kv", "del", "config/", "--prefix");
        Assert.Equal("2\n", deleted.Output);
        using LeptonRun then = await RunAsync("kv", "get", "config/mode", "--revision", $"{revision}");
        Assert.Equal("fast\n", then.Output);
    }

    [Fact]
    public async Task Get_NoSuchKey_HasACodeOfItsOwn()
    {
        using LeptonRun run = await RunAsync("kv", "get", "nowhere");
        Assert.Equal((16, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("lepton: There is no key 'nowhere'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Changes_AreALineEach()
    {
        Revision first = (await Client.PutAsync("k", "1")).Revision;
        await using StartedLepton watch = Start("kv", "watch", "k", "--revision", first.ToString());
        Assert.Equal("PUT\tk\t1", await watch.ReadLineAsync());
        await Client.PutAsync("k", "2");
        Assert.Equal("PUT\tk\t2", await watch.ReadLineAsync());
        await Client.DeleteAsync("k");
        Assert.Equal("DELETE\tk", await watch.ReadLineAsync());
        await watch.SignalAsync("INT");
        using LeptonRun run = await watch.EndAsync();
        Assert.Equal((130, "lepton: cancelled.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Members_Table_NamesTheLeader()
    {
        using LeptonRun run = await RunAsync("members", "--json");
        JsonElement member = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("leader", member.GetProperty("role").GetString());
        Assert.Equal("m0", member.GetProperty("name").GetString());
        using LeptonRun table = await RunAsync("members");
        Assert.Contains("leader", table.Output, StringComparison.Ordinal);
        Assert.Equal(0, table.ExitCode);
    }
}
