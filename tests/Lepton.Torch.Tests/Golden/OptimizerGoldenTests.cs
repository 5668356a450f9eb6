using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Tests.Golden;

public sealed class OptimizerGoldenTests : TorchTest
{
    private const string File = "optimizers.safetensors";
    private const ulong SeedOfWeights = 7;
    private const ulong SeedOfInputs = 11;
    private const int Steps = 10;

    private static readonly Dictionary<string, Func<Module, Optimizer>> s_cases = new()
    {
        ["sgd"] = model => new SGD(model, new() { LearningRate = 0.1 }),
        ["sgd_l2"] = model => new SGD(model, new() { LearningRate = 0.1, WeightDecay = 0.1 }),
        ["sgd_l1"] = model => new SGD(model, new() { LearningRate = 0.1, WeightDecay = 0.02, L1Penalty = 0.03 }),
        ["sgd_momentum"] = model => new SGD(model, new() { LearningRate = 0.1, Momentum = 0.9, Dampening = 0.3 }),
        ["sgd_nesterov"] = model => new SGD(
            model, new() { LearningRate = 0.1, Momentum = 0.9, Nesterov = true, WeightDecay = 0.01 }),
        ["sgd_maximize"] = model => new SGD(model, new() { LearningRate = 0.1, Maximize = true }),
        ["adam"] = model => new Adam(model),
        ["adam_l2"] = model => new Adam(
            model, new() { LearningRate = 0.01, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1 }),
        ["adam_amsgrad"] = model => new Adam(model, new() { LearningRate = 0.05, Amsgrad = true }),
        ["adamw"] = model => new AdamW(model),
        ["adamw_amsgrad"] = model => new AdamW(
            model, new() { LearningRate = 0.05, WeightDecay = 0.3, Amsgrad = true, Maximize = true }),
        ["adagrad"] = model => new Adagrad(model),
        ["adagrad_decay"] = model => new Adagrad(model, new()
        {
            LearningRate = 0.1, LearningRateDecay = 0.2, WeightDecay = 0.05, InitialAccumulator = 0.1, Epsilon = 1e-8,
        }),
    };

    private static readonly Dictionary<string, Action<Optimizer>> s_clippings = new()
    {
        ["clip_norm"] = optimizer => optimizer.ClipGradients(0.1),
        ["clip_norm_1"] = optimizer => optimizer.ClipGradients(0.5, 1),
        ["clip_norm_inf"] = optimizer => optimizer.ClipGradients(0.05, double.PositiveInfinity),
        ["clip_value"] = optimizer => optimizer.ClipGradientValues(0.02),
    };

    internal static IEnumerable<string> AllNames => s_cases.Keys.Concat(s_clippings.Keys);

    public static TheoryData<string> Names => [.. AllNames];

    [Fact]
    public void Cases_OfTheFile_AreThoseOfTheTests()
    {
        using GoldenFile golden = GoldenFile.Open(File);

        Assert.Equal(golden.Cases.Order(StringComparer.Ordinal), AllNames.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Optimizer_SameWeightsAndData_LearnsTheSame(string name) => Learn(name, Device.Cpu);

    internal static void Learn(string name, Device device)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        Torch.ManualSeed(SeedOfWeights);
        using Sequential model = ModuleCases.Mlp();
        model.To(device);
        Action<Optimizer>? clip = s_clippings.GetValueOrDefault(name);
        using Optimizer optimizer = clip is null
            ? s_cases[name](model) : new SGD(model, new() { LearningRate = 1 });
        Torch.ManualSeed(SeedOfInputs);
        Tensor x = Torch.Randn([8, 6]).To(device);
        Tensor y = Torch.RandInt(0, 3, [8]).To(device);
        using var loss = new CrossEntropyLoss();

        for (int step = 0; step < Steps; step++)
        {
            optimizer.ZeroGradients();
            loss.Forward(model.Forward(x), y).Backward();
            clip?.Invoke(optimizer);
            optimizer.Step();
        }

        golden.Compare(name, model.StateDict());
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference: {golden.LargestDifference:g3}");
    }
}
