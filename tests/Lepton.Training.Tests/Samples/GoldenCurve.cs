using System.Text.Json;

namespace Lepton.Training.Tests.Samples;

/// <summary>The samples as programs, and the loss curves in <c>tests/golden/samples</c>.</summary>
internal static class GoldenCurve
{
    /// <summary>What starts a sample, with its arguments behind.</summary>
    public static IReadOnlyList<string> Command(string sample, params ReadOnlySpan<string> arguments)
    {
        string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string program = Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(built))!, sample, Path.GetFileName(built), $"{sample}.dll");
        return ["dotnet", "exec", program, .. arguments];
    }

    /// <summary>Asserts that a run's training loss went as a committed curve, to a relative tolerance.</summary>
    public static void AssertFollowed(string sample, string curve, string runFolder, double tolerance)
    {
        double[] expected = Read(sample)[curve];
        double[] actual = [.. RankRun.LossesOf(runFolder).Select(static point => point.Loss)];
        Assert.Equal(expected.Length, actual.Length);
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.True(
                Math.Abs(actual[step] - expected[step]) <= tolerance * expected[step],
                $"{curve}, step {step + 1}: {actual[step]:R}, where {expected[step]:R} was committed; all: " +
                string.Join(", ", actual.Select(static loss => loss.ToString("R", null))));
        }
    }

    private static Dictionary<string, double[]> Read(string sample)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Lepton.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        Assert.NotNull(root);
        string text = File.ReadAllText(Path.Combine(root, "tests", "golden", "samples", $"{sample}.json"));
        return JsonSerializer.Deserialize<Dictionary<string, double[]>>(text)!;
    }
}
