using System.Text.Json;
using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Samples;

/// <summary><c>samples/mnist</c> on its first 512 images: the loss goes the way that it went when it was
/// written.</summary>
public sealed class MnistTests : TrainingTest
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("mlp", 1)]
    [InlineData("mlp", 2)]
    [InlineData("cnn", 1)]
    public async Task Sample_FixedSeed_LossGoesAsCommitted(string model, int ranks)
    {
        string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string program = Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(built))!, "mnist", Path.GetFileName(built), "mnist.dll");
        RankRun run = await RankRun.OfAsync(new LaunchOptions
        {
            Command =
            [
                "dotnet", "exec", program, "--model", model, "--samples", "512", "--batch", "128", "--epochs", "3",
                "--log-every", "1", "--run", Folder,
            ],
            ProcessesPerNode = ranks,
        });

        Assert.True(run.ExitCode == 0, run.Text);
        double[] expected = Golden(model);
        double[] actual = [.. RankRun.LossesOf(Folder).Select(static point => point.Loss)];
        Assert.Equal(expected.Length, actual.Length);
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.True(
                Math.Abs(actual[step] - expected[step]) <= Tolerance * expected[step],
                $"step {step + 1}: {actual[step]:R}, where {expected[step]:R} was committed; all: " +
                string.Join(", ", actual.Select(static loss => loss.ToString("R", null))));
        }
    }

    private static double[] Golden(string model)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Lepton.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        Assert.NotNull(root);
        string text = File.ReadAllText(Path.Combine(root, "tests", "golden", "samples", "mnist.json"));
        return JsonSerializer.Deserialize<Dictionary<string, double[]>>(text)![model];
    }
}
