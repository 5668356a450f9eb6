using Lepton.Cli.Tests.Quickstart;

namespace Lepton.Cli.Tests.Samples;

/// <summary>The main job as a user would write it.</summary>
public sealed class IrisTests(QuickstartFixture fixture) : IClassFixture<QuickstartFixture>
{
    [Theory]
    [InlineData("--threads", "2")]
    [InlineData("--threads", "2", "--map-reduce")]
    [InlineData("--workers", "2", "--map-reduce", "--kill")]
    [InlineData("--workers", "3", "--kill")]
    public async Task Iris_EitherWay_GivesTheModelOfTheQuickstart(params string[] arguments)
    {
        using LeptonRun run = await LeptonRun.OfAsync("iris", arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal("five-fold 0.953", lines[^5]);
        Assert.Equal("accuracy  0.967", lines[^4]);
        int retries = int.Parse(lines[^3][10..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(arguments.Contains("--kill"), retries > 0);
        Assert.Equal("model     " + fixture.ModelSha256, lines[^2]);
        Assert.StartsWith("event log /", lines[^1], StringComparison.Ordinal);
        Assert.Empty(run.LeftBehind);
        Assert.Empty(run.Survivors);
    }
}
