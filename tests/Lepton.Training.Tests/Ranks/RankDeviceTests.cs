using System.Diagnostics;
using Lepton.Torch;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;
using Lepton.Training.Tests.Samples;

namespace Lepton.Training.Tests.Ranks;

/// <summary>Where ranks train, and what a user is told who asks for a GPU that is not there.</summary>
public sealed class RankDeviceTests : TrainingTest
{
    private static readonly RankEnvironment s_alone = RankEnvironment.Read(static _ => null);

    [Fact]
    public void Of_AutoWithoutAGpu_IsTheProcessor()
    {
        RequireNoGpu();

        Assert.Equal(Device.Cpu, RankDevice.Of("auto", s_alone));
        Assert.Equal(Device.Cpu, RankDevice.Of("cpu", s_alone));
    }

    [Fact]
    public void Of_NoDevice_NamesThoseThatAre()
    {
        var e = Assert.Throws<RankDeviceException>(static () => RankDevice.Of("gpu", s_alone));

        Assert.Equal("'gpu' is no device to train on. Give cpu, cuda or auto.", e.Message);
    }

    [Fact]
    public async Task Join_CudaWithoutAGpu_OneLineSaysWhatToDo()
    {
        RequireNoGpu();
        IReadOnlyList<string> command = GoldenCurve.Command("mnist", "--device", "cuda");
        using Process alone = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        string text = await alone.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await alone.WaitForExitAsync(TestContext.Current.CancellationToken);

        string line = Assert.Single(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        AssertSaysWhatToDo(line);
        Assert.Equal(2, alone.ExitCode);
    }

    [Fact]
    public async Task Join_TwoRanksOnCudaWithoutAGpu_TheRootCauseSaysWhatToDo()
    {
        RequireNoGpu();
        RankRun run = await RankRun.OfAsync(new LaunchOptions
        {
            Command = GoldenCurve.Command("mnist", "--device", "cuda"),
            ProcessesPerNode = 2,
        });

        AssertSaysWhatToDo(Assert.Single(
            run.Lines, static line => line.StartsWith("lepton: root cause: ", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", run.Text, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitCode);
    }

    private static void RequireNoGpu() => Assert.SkipWhen(CudaDevices.IsAvailable, "There is a GPU.");

    private static void AssertSaysWhatToDo(string line)
    {
        Assert.Contains("There is no training on cuda: ", line, StringComparison.Ordinal);
        Assert.Contains("Train on cpu, or ", line, StringComparison.Ordinal);
    }
}
