using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Tests.Golden;

public sealed class ModuleGoldenTests : TorchTest
{
    private const string File = "modules.safetensors";
    private const ulong SeedOfWeights = 7;
    private const ulong SeedOfForward = 13;
    private const int Steps = 10;

    public static TheoryData<string> Names => [.. ModuleCases.All.Keys];

    [Fact]
    public void Cases_OfTheFile_AreThoseOfTheTests()
    {
        using GoldenFile golden = GoldenFile.Open(File);

        Assert.Equal(
            golden.Cases.Order(StringComparer.Ordinal), ModuleCases.All.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Module_SameSeed_DrawsTheSameBits(string name)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        Torch.ManualSeed(SeedOfWeights);

        using Module module = ModuleCases.All[name].Make();

        golden.Compare($"{name}/init", module.StateDict());
        Assert.Equal(0, golden.LargestDifference);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Module_SameWeights_ComputesAndLearnsTheSame(string name)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        using Module module = ModuleCases.All[name].Make();
        module.LoadStateDict(golden.Section($"{name}/init"));
        Tensor[] inputs = golden.List($"{name}/in");
        foreach (Tensor input in inputs.Where(static input => input.DType.IsFloatingPoint()))
        {
            input.RequiresGrad = true;
        }

        Torch.ManualSeed(SeedOfForward);
        Tensor[] outputs = ModuleCases.All[name].Call(module, inputs);
        Weighed(outputs).Backward();
        CompareFirst(golden, name, module, inputs, outputs);

        // In double precision: what a BLAS rounds in single precision adds up to more than is allowed.
        module.To(DType.Float64);
        module.LoadStateDict(golden.Section($"{name}/init").ToDictionary(
            static named => named.Key,
            static named => named.Value.DType.IsFloatingPoint() ? named.Value.To(DType.Float64) : named.Value));
        Learn(name, module, [.. inputs.Select(static input =>
            input.DType.IsFloatingPoint() ? input.Detach().To(DType.Float64) : input)]);
        golden.Compare($"{name}/after", module.StateDict());
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference: {golden.LargestDifference:g3}");
    }

    private static void Learn(string name, Module module, Tensor[] inputs)
    {
        using SGD? optimizer = module.Parameters().Count == 0
            ? null : new SGD(module, new() { LearningRate = 0.01, Momentum = 0.9 });
        Torch.ManualSeed(SeedOfForward);
        for (int step = 0; step < Steps; step++)
        {
            Tensor[] outputs = ModuleCases.All[name].Call(module, inputs);
            if (optimizer is not null)
            {
                optimizer.ZeroGradients();
                Weighed(outputs).Backward();
                optimizer.Step();
            }
        }
    }

    internal static void CompareFirst(
        GoldenFile golden, string name, Module module, Tensor[] inputs, Tensor[] outputs)
    {
        golden.Compare($"{name}/out", outputs);
        golden.Compare(
            $"{name}/grad",
            module.NamedParameters()
                .Where(static named => named.Parameter.Grad is not null)
                .ToDictionary(static named => named.Name, static named => named.Parameter.Grad!));
        golden.Compare(
            $"{name}/grad_in", [.. inputs.Select(static input => input.Grad!).Where(static grad => grad is not null)]);
    }

    internal static Tensor Weighed(Tensor[] outputs)
    {
        Tensor total = Torch.Scalar(0).To(outputs[0].Device);
        foreach (Tensor output in outputs)
        {
            Tensor weights = Torch.Arange(0, output.ElementCount, dtype: output.DType).Cos().View(output.Shape);
            total += (output * weights.To(output.Device)).Sum();
        }

        return total;
    }
}
