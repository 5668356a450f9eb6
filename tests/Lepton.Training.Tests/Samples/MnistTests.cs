using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Samples;

/// <summary><c>samples/mnist</c> on its first 512 images: the loss goes the way that it went when it was
/// written.</summary>
public sealed class MnistTests : TrainingTest
{
    private const double Tolerance = 1e-4;

    // 12 steps, each of 235,146 gradients of 4 bytes; of two ranks each sends as many.
    private const string Sent = "sent      11.3 MB by this rank";

    [Theory]
    [InlineData("mlp", 1)]
    [InlineData("mlp", 2)]
    [InlineData("cnn", 1)]
    public async Task Sample_FixedSeed_LossGoesAsCommitted(string model, int ranks)
    {
        RankRun run = await RankRun.OfAsync(new LaunchOptions
        {
            Command = GoldenCurve.Command(
                "mnist", "--model", model, "--samples", "512", "--batch", "128", "--epochs", "3", "--log-every", "1",
                "--run", Folder),
            ProcessesPerNode = ranks,
        });

        Assert.True(run.ExitCode == 0, run.Text);
        GoldenCurve.AssertFollowed("mnist", model, Folder, Tolerance);
        Assert.Equal(ranks > 1, run.Lines.Any(static line => line.EndsWith(Sent, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sample_Compressed_SaysWhatItWouldHaveSentWithout()
    {
        RankRun run = await RankRun.OfAsync(new LaunchOptions
        {
            Command = GoldenCurve.Command(
                "mnist", "--samples", "512", "--batch", "128", "--epochs", "3", "--compression", "int8"),
            ProcessesPerNode = 2,
        });

        Assert.True(run.ExitCode == 0, run.Text);
        Assert.Matches(@"sent      2\.[89] MB by this rank, 11\.3 MB without compression; packing", run.Text);
    }
}
