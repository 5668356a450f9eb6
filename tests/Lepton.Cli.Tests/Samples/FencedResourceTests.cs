using Lepton.Cli.Tests.Coordination;

namespace Lepton.Cli.Tests.Samples;

public sealed class FencedResourceTests : ServerTest
{
    [Fact]
    public async Task FencedResource_PausedHoldersLateWrite_IsRefused()
    {
        using LeptonRun run = await LeptonRun.OfAsync("fenced-resource", Endpoints);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.Contains(
            "the second writer's write: accepted, the balance is 150", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "the first writer's write: refused, its token is older than one that was seen", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("The balance is 150.", run.Output, StringComparison.Ordinal);
        Assert.Contains("as it sees it now: lost", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Survivors);
    }
}
