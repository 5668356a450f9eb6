using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

/// <summary>What the launcher ends with for a rank's end.</summary>
public sealed class RankCodesTests : TrainingTest
{
    /// <summary>Programs return such numbers for reasons of their own; dotnet does where it can't start one.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(20)]
    public async Task RunAsync_ProgramReturnsACodeOfLeptons_IsAFailureLikeAnyOther(int code)
    {
        RankRun run = await RankRun.OfAsync(new LaunchOptions { Command = ["sh", "-c", $"exit {code}"] });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"exit code {code}", run.Text, StringComparison.Ordinal);
    }
}
