using System.Globalization;
using System.Text.Json;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>The sample's small language model, trained by real ranks on meshes.</summary>
public sealed class GptMeshTests(GptAlone alone) : TrainingTest, IClassFixture<GptAlone>
{
    // Nobody shall be taken for dead on a busy machine; other tests are about ranks that are.
    private static readonly TimeSpan s_stallTime = TimeSpan.FromMinutes(2);

    internal static readonly string[] Small =
    [
        "--characters", "900", "--context", "16", "--width", "24", "--heads", "2", "--layers", "3", "--batch", "20",
        "--parts", "2", "--log-every", "1", "--write", "12", "--decay-steps", "9", "--learning-rate", "0.01",
    ];

    [Theory]
    [InlineData("2x1x1")]
    [InlineData("1x2x1")]
    [InlineData("1x1x2")]
    [InlineData("1x1x2", "--schedule", "gpipe", "--balance", "measured")]
    [InlineData("2x2x1")]
    [InlineData("2x2x1", "--zero")]
    [InlineData("1x2x2")]
    [InlineData("2x1x2", "--zero")]
    public async Task Fit_Mesh_SameCurveAndTextAsOneProcess(string mesh, params string[] arguments)
    {
        RankRun many = await RunAsync(mesh, "many", [.. arguments, "--steps", "9"]);

        Assert.True(many.ExitCode == 0, many.Text);
        RankRun.AssertSame(alone.Losses, RankRun.LossesOf(Sub("many")));
        Assert.Equal(Field(alone.Run, "validation"), Field(many, "validation"), 1e-4);
        Assert.Equal(alone.Written, Written("many"));
    }

    [Fact]
    public async Task Fit_OneProcess_SameCurveAsPyTorch()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(GoldenPath));
        double[] losses = [.. golden.RootElement.GetProperty("losses").EnumerateArray()
            .Select(static loss => loss.GetDouble())];
        string batch = golden.RootElement.GetProperty("batch").GetRawText();

        RankRun run = await RunAsync(
            "1x1x1", "run", "--batch", batch, "--parts", "1", "--steps", "12", "--decay-steps", "12");

        Assert.True(run.ExitCode == 0, run.Text);
        RankRun.AssertSame([.. losses.Select(static (loss, i) => (i + 1L, loss))], RankRun.LossesOf(Sub("run")));
    }

    [Fact]
    public async Task Fit_DropoutOnTensorAxis_DropsAsOneProcess()
    {
        RankRun one = await RunAsync("1x1x1", "one", "--steps", "5", "--dropout", "0.2");
        RankRun many = await RunAsync("1x2x1", "many", "--steps", "5", "--dropout", "0.2");

        Assert.True(one.ExitCode == 0 && many.ExitCode == 0, one.Text + many.Text);
        RankRun.AssertSame(RankRun.LossesOf(Sub("one")), RankRun.LossesOf(Sub("many")));
    }

    [Fact]
    public async Task Fit_SavedOnOneMesh_GoesOnOnOthers()
    {
        RankRun first = await RunAsync("2x2x1", "cut", "--steps", "3", "--zero");
        RankRun second = await RunAsync("1x1x1", "cut", "--steps", "5");
        RankRun third = await RunAsync("2x1x2", "cut", "--steps", "7");
        RankRun last = await RunAsync("2x2x1", "cut", "--steps", "9");

        Assert.All([first, second, third, last], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains("going on from", last.Text, StringComparison.Ordinal);
        RankRun.AssertSame(alone.Losses, RankRun.LossesOf(Sub("cut")));
        Assert.Equal(alone.Written, Written("cut"));
    }

    [Theory]
    [InlineData("2x1x1", 3, "--mesh 2x1x1 is for 2 ranks, and there are 3")]
    [InlineData("1x3x1", 3, "2 heads can't be divided among 3 ranks")]
    public async Task Fit_MeshThatDoesNotDivide_SaysSoOnce(string mesh, int ranks, string message)
    {
        RankRun run = await RankRun.OfProgramAsync(
            "gpt", ranks, 0, s_stallTime, [.. Small, "--mesh", mesh, "--steps", "1"]);

        Assert.Equal(1, run.ExitCode);
        string told = Assert.Single(run.Lines, line => line.Contains(message, StringComparison.Ordinal));
        Assert.StartsWith("[0] gpt: ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_Mesh_SaysWhatRanksThenSend()
    {
        RankRun plan = await RankRun.OfProgramAsync(
            "gpt", 1, 0, s_stallTime, [.. Small, "--mesh", "2x1x2", "--dry-run"]);

        Assert.True(plan.ExitCode == 0, plan.Text);
        Assert.Contains("optimizer", plan.Text, StringComparison.Ordinal);
        Assert.Equal(5, plan.Lines.Count(static line => line.Contains(',', StringComparison.Ordinal)
            || line.StartsWith("rank", StringComparison.Ordinal)));
        Assert.Contains("  0,0,0  embedding..h.0  ", plan.Text, StringComparison.Ordinal);
        Assert.Contains("  1,0,1  h.1..head       ", plan.Text, StringComparison.Ordinal);
    }

    private Task<RankRun> RunAsync(string mesh, string folder, params string[] arguments)
    {
        int ranks = mesh.Split('x')
            .Aggregate(1, static (size, word) => size * int.Parse(word, CultureInfo.InvariantCulture));
        return RankRun.OfProgramAsync(
            "gpt", ranks, 0, s_stallTime, [.. Small, .. arguments, "--mesh", mesh, "--run", Sub(folder)]);
    }

    private static string GoldenPath
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Lepton.slnx")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return Path.Combine(folder, "tests", "golden", "training", "gpt.json");
        }
    }

    private static double Field(RankRun run, string name) => double.Parse(
        run.Lines.Single(line => line.Contains(name + " ", StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    private string Written(string folder) => File.ReadAllText(Path.Combine(Sub(folder), "text.txt"));

    private string Sub(string name) => Path.Combine(Folder, name);
}
