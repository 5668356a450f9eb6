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
        ["adam"] = model => new Adam(model),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Fact]
    public void Cases_OfTheFile_AreThoseOfTheTests()
    {
        using GoldenFile golden = GoldenFile.Open(File);

        Assert.Equal(golden.Cases.Order(StringComparer.Ordinal), s_cases.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Optimizer_SameWeightsAndData_LearnsTheSame(string name)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        Torch.ManualSeed(SeedOfWeights);
        using Sequential model = ModuleCases.Mlp();
        using Optimizer optimizer = s_cases[name](model);
        Torch.ManualSeed(SeedOfInputs);
        Tensor x = Torch.Randn([8, 6]);
        Tensor y = Torch.RandInt(0, 3, [8]);
        using var loss = new CrossEntropyLoss();

        for (int step = 0; step < Steps; step++)
        {
            optimizer.ZeroGradients();
            loss.Forward(model.Forward(x), y).Backward();
            optimizer.Step();
        }

        golden.Compare(name, model.StateDict());
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference: {golden.LargestDifference:g3}");
    }
}
