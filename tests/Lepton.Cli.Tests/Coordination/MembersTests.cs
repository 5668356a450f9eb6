using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Cli.Tests.Coordination;

public sealed class MembersTests : ServerTest
{
    [Fact]
    public async Task AddPromoteRemove_Learner_AreListedAndRefusedSo()
    {
        string url = $"http://127.0.0.1:{FreePorts.Find(1)[0]}";
        using LeptonRun add = await RunAsync("members", "add", url, "--learner");
        Assert.Equal(("", 0), (add.Error, add.ExitCode));
        string id = add.Output.TrimEnd();
        ClusterMember member = Assert.Single(await Client.ListMembersAsync(), one => one.IsLearner);
        Assert.Equal((id, url), (member.Id.ToString(), Assert.Single(member.PeerUrls)));

        using LeptonRun promote = await RunAsync("members", "promote", id);
        Assert.Equal((14, ""), (promote.ExitCode, promote.Output));
        Assert.Contains("in sync with leader", promote.Error, StringComparison.Ordinal);
        using LeptonRun remove = await RunAsync("members", "remove", id);
        Assert.Equal(($"{id}\n", 0), (remove.Output, remove.ExitCode));
        Assert.Single(await Client.ListMembersAsync());
        using LeptonRun nobody = await RunAsync("members", "remove", "m0");
        Assert.Equal(2, nobody.ExitCode);
        Assert.Contains("ID is 'm0'; expected a member's id in hexadecimal", nobody.Error, StringComparison.Ordinal);
    }
}
