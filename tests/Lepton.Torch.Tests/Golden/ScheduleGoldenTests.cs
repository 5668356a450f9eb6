using System.Text.Json;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;

namespace Lepton.Torch.Tests.Golden;

public sealed class ScheduleGoldenTests : TorchTest
{
    private const double RelativeMax = 1e-6;

    // What steps a schedule by a measure, which all but two pass over.
    private static readonly Dictionary<string, Func<Optimizer, Action<double>>> s_cases = new()
    {
        ["step"] = Counting(optimizer => new StepLR(optimizer, 3, 0.5)),
        ["multi_step"] = Counting(optimizer => new MultiStepLR(optimizer, [2, 5, 6], 0.3)),
        ["exponential"] = Counting(optimizer => new ExponentialLR(optimizer, 0.9)),
        ["linear"] = Counting(optimizer => new LinearLR(optimizer, 0.25, 0.8, 6)),
        ["polynomial"] = Counting(optimizer => new PolynomialLR(optimizer, 12, 2)),
        ["cosine"] = Counting(optimizer => new CosineAnnealingLR(optimizer, 8, 0.05)),
        ["cosine_warm_up"] = Counting(optimizer => new CosineWarmupLR(optimizer, 4, 16, 0.1)),
        ["one_cycle"] = Counting(optimizer => new OneCycleLR(optimizer, 1.5, 24)),
        ["one_cycle_three"] = Counting(optimizer => new OneCycleLR(optimizer, 1.5, 24, new()
        {
            HasThreePhases = true, IsLinear = true, RisingShare = 0.4, StartDivisor = 10, FinalDivisor = 100,
            BaseMomentum = 0.8, MaximumMomentum = 0.99,
        })),
        ["one_cycle_adam"] = Counting(optimizer => new OneCycleLR(optimizer, 1.5, 24)),
        ["plateau"] = optimizer => new ReduceLROnPlateau(
            optimizer, new() { Factor = 0.5, Patience = 1, Cooldown = 1, MinimumRate = 0.02 }).Step,
        ["plateau_max"] = optimizer => new ReduceLROnPlateau(
            optimizer,
            new() { LargerIsBetter = true, Factor = 0.2, Patience = 0, Threshold = 0.05, ThresholdIsAbsolute = true })
            .Step,
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schedule_SameSteps_SetsTheSameRates(string name)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(GoldenFile.PathOf("schedules.json")));
        double[] metrics = golden.RootElement.GetProperty("metrics").Deserialize<double[]>()!;
        JsonElement expected = golden.RootElement.GetProperty(name);
        double[] rates = expected.GetProperty("rates").Deserialize<double[]>()!;
        double[] momenta = expected.GetProperty("momenta").Deserialize<double[]>()!;
        using var model = new Linear(1, 1);
        using Optimizer optimizer = name.EndsWith("adam", StringComparison.Ordinal)
            ? new Adam(model, new() { LearningRate = 0.5 })
            : new SGD(model, new() { LearningRate = 0.5, Momentum = 0.9 });
        Action<double> step = s_cases[name](optimizer);
        ParameterGroup group = optimizer.Groups[0];

        for (int i = 0; i < metrics.Length; i++)
        {
            AssertNear(rates[i], group.LearningRate, $"rate {i}");
            AssertNear(momenta[i], group.Momentum, $"momentum {i}");
            if (i < metrics.Length - 1)
            {
                step(metrics[i]);
            }
        }
    }

    [Fact]
    public void Cases_OfTheFile_AreThoseOfTheTests()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(GoldenFile.PathOf("schedules.json")));

        Assert.Equal(
            golden.RootElement.EnumerateObject().Select(static case_ => case_.Name)
                .Where(static name => name != "metrics").Order(StringComparer.Ordinal),
            s_cases.Keys.Order(StringComparer.Ordinal));
    }

    private static Func<Optimizer, Action<double>> Counting(Func<Optimizer, Schedule> make) => optimizer =>
    {
        Schedule schedule = make(optimizer);
        return _ => schedule.Step();
    };

    private static void AssertNear(double expected, double actual, string what) => Assert.True(
        Math.Abs(expected - actual) <= RelativeMax * Math.Abs(expected), $"{what}: {actual}, expected {expected}");
}
