using Lepton.Training.Records;

namespace Lepton.Training.Tests.Loop;

/// <summary>Real ranks, each a process, that compress their gradients or average their models.</summary>
public sealed class ExchangeRanksTests : TrainingTest
{
    // How far the validation's accuracy may be below that of the uncompressed run, on 101 samples, and which part of
    // its bytes may be sent.
    public static TheoryData<string, double, double> Compressions => new()
    {
        { "float16", 0.03, 0.51 },
        { "bfloat16", 0.03, 0.51 },
        { "int8", 0.03, 0.27 },
        { "top-k", 0.08, 0.11 },
        { "sign", 0.08, 0.05 },
        { "power", 0.08, 0.25 },
    };

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Fit_Compressed_ConvergesWithFewerBytes(string compression, double distance, double fraction)
    {
        string[] arguments = ["--epochs", "6", "--checkpoint-every", "0"];
        RankRun plain = await RankRun.OfAsync(2, 0, [.. arguments, "--run", Sub("plain")]);
        RankRun compressed = await RankRun.OfAsync(
            2, 0, [.. arguments, "--run", Sub("compressed"), "--compression", compression]);

        Assert.True(plain.ExitCode == 0 && compressed.ExitCode == 0, plain.Text + compressed.Text);
        Assert.InRange(compressed.Accuracy, plain.Accuracy - distance, 1);
        IReadOnlyDictionary<string, double> last = MetricsOf(Sub("compressed"))[^1].Values;
        Assert.InRange(last["sent_bytes_per_step"], 1, fraction * last["uncompressed_bytes_per_step"]);
        Assert.True(last["compression_ms_per_step"] > 0 && last["exchange_ms_per_step"] > 0);
    }

    [Fact]
    public async Task Fit_CompressedAndKilled_GoesOnWithWhatWasLeftOut()
    {
        RankRun cut = await RankRun.OfAsync(
            2, 1, "--run", Sub("cut"), "--compression", "top-k", "--fault", "kill", "--fault-step", "23", "--epochs",
            "4");
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"), "--compression", "top-k", "--epochs", "4");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        IReadOnlyList<(long Step, double Loss)> expected = RankRun.LossesOf(Sub("whole"));
        IReadOnlyList<(long Step, double Loss)> actual = RankRun.LossesOf(Sub("cut"));

        // Both ranks go on with the mean of what they left out: no gradient is lost, but the order differs in which
        // elements come.
        Assert.Equal(expected.Select(static point => point.Step), actual.Select(static point => point.Step));
        Assert.InRange(
            actual.TakeLast(20).Average(static point => point.Loss), 0,
            expected.TakeLast(20).Average(static point => point.Loss) + 0.1);
        Assert.Contains("going on from", cut.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_ModelsAveragedEachStep_SameCurveAsGradientsAveraged()
    {
        RankRun gradients = await RankRun.OfAsync(2, 0, "--run", Sub("gradients"), "--optimizer", "sgd");
        RankRun models = await RankRun.OfAsync(
            2, 0, "--run", Sub("models"), "--optimizer", "sgd", "--local-steps", "1");

        Assert.True(gradients.ExitCode == 0 && models.ExitCode == 0, gradients.Text + models.Text);
        RankRun.AssertSame(RankRun.LossesOf(Sub("gradients")), RankRun.LossesOf(Sub("models")));
    }

    [Fact]
    public async Task Fit_LocalSteps_ConvergesAndGoesOnAfterAKill()
    {
        string[] arguments = ["--epochs", "4", "--local-steps", "4", "--checkpoint-every", "8"];
        RankRun every = await RankRun.OfAsync(2, 0, "--run", Sub("every"), "--epochs", "4");
        RankRun whole = await RankRun.OfAsync(2, 0, [.. arguments, "--run", Sub("whole")]);
        RankRun cut = await RankRun.OfAsync(
            2, 1, [.. arguments, "--run", Sub("cut"), "--fault", "kill", "--fault-step", "23"]);

        Assert.True(
            every.ExitCode == 0 && whole.ExitCode == 0 && cut.ExitCode == 0, every.Text + whole.Text + cut.Text);
        Assert.InRange(whole.Accuracy, every.Accuracy - 0.08, 1);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    private static List<MetricLine> MetricsOf(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(static line => MetricLine.Parse(line)!)
            .Where(static line => line.Split == "train")];

    private string Sub(string name) => Path.Combine(Folder, name);
}
