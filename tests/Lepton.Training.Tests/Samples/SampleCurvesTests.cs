using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Samples;

/// <summary>
/// Samples on a small part of their data: the loss goes the way that it goes in PyTorch, which wrote the golden curves.
/// </summary>
public sealed class SampleCurvesTests : TrainingTest
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Linear_LossGoesAsInPyTorch(int ranks)
    {
        RankRun run = await RunAsync(
            ranks, GoldenCurve.Command("linear", "--epochs", "20", "--run", Folder));

        GoldenCurve.AssertFollowed("linear", "linear", Folder, Tolerance);
        Assert.Contains("color_intensity", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Transfer_LossGoesAsInPyTorch(int ranks)
    {
        RankRun run = await RunAsync(ranks, GoldenCurve.Command(
            "transfer", "--samples", "256", "--few", "3", "--epochs", "5", "--few-epochs", "10", "--batch", "256",
            "--log-every", "1", "--run", Folder));

        AssertFollowed("transfer", "before", "transferred", "scratch");
        Assert.Contains("5 to 9, 15 images, transferred", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Imbalance_LossGoesAsInPyTorch(int ranks)
    {
        RankRun run = await RunAsync(ranks, GoldenCurve.Command(
            "imbalance", "--samples", "512", "--rare", "0.2", "--epochs", "8", "--batch", "4096", "--log-every", "1",
            "--run", Folder));

        AssertFollowed("imbalance", "plain", "class-weights", "oversampling");
        Assert.Contains("class weights", run.Text, StringComparison.Ordinal);
        AssertCurvesOf("plain", "class-weights", "oversampling");
    }

    [Fact]
    public async Task Regularization_LossGoesAsInPyTorch()
    {
        RankRun run = await RunAsync(ranks: 1, GoldenCurve.Command(
            "regularization", "--samples", "256", "--epochs", "10", "--batch", "256", "--run", Folder));

        AssertFollowed("regularization", "plain", "dropout", "l2");
        Assert.Contains("curves.svg", run.Text, StringComparison.Ordinal);
        AssertCurvesOf("plain", "dropout", "l2");
    }

    private static async Task<RankRun> RunAsync(int ranks, IReadOnlyList<string> command)
    {
        RankRun run = await RankRun.OfAsync(new LaunchOptions { Command = command, ProcessesPerNode = ranks });
        Assert.True(run.ExitCode == 0, run.Text);
        return run;
    }

    private void AssertFollowed(string sample, params ReadOnlySpan<string> curves)
    {
        foreach (string curve in curves)
        {
            GoldenCurve.AssertFollowed(sample, curve, Path.Combine(Folder, curve), Tolerance);
        }
    }

    private void AssertCurvesOf(params ReadOnlySpan<string> runs)
    {
        string svg = File.ReadAllText(Path.Combine(Folder, "curves.svg"));
        foreach (string run in runs)
        {
            Assert.Contains($">{run}</text>", svg, StringComparison.Ordinal);
        }
    }
}
