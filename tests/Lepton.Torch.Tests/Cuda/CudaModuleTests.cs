using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Tests.Golden;

namespace Lepton.Torch.Tests.Cuda;

/// <summary>The golden files' modules and optimizers once more, on the GPU.</summary>
public sealed class CudaModuleTests : CudaTest
{
    private const string File = "modules.safetensors";

    // A GPU draws other random numbers.
    public static TheoryData<string> Names => [.. ModuleCases.All.Keys.Where(
        static name => !name.Contains("dropout", StringComparison.Ordinal) || name == "dropout_eval")];

    public static TheoryData<string> Optimizers => [.. OptimizerGoldenTests.AllNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void Module_SameWeights_ComputesTheSame(string name)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        using Module module = ModuleCases.All[name].Make();
        module.LoadStateDict(golden.Section($"{name}/init"));
        module.To(Gpu);
        Tensor[] inputs = [.. golden.List($"{name}/in").Select(static input => input.To(Gpu))];
        foreach (Tensor input in inputs.Where(static input => input.DType.IsFloatingPoint()))
        {
            input.RequiresGrad = true;
        }

        Tensor[] outputs = ModuleCases.All[name].Call(module, inputs);
        ModuleGoldenTests.Weighed(outputs).Backward();

        Assert.All(module.StateDict().Values, static tensor => Assert.Equal(Gpu, tensor.Device));
        ModuleGoldenTests.CompareFirst(golden, name, module, inputs, outputs);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference: {golden.LargestDifference:g3}");
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Optimizer_SameWeightsAndData_LearnsTheSame(string name) => OptimizerGoldenTests.Learn(name, Gpu);

    [Fact]
    public void To_GpuWithAnOptimizersHold_TrainsThere()
    {
        using var model = new Linear(4, 2);
        using var optimizer = new SGD(model, new() { LearningRate = 0.1, Momentum = 0.9 });
        model.To(Gpu);
        float[] before = model.Weight.Value.ToArray<float>();

        for (int step = 0; step < 2; step++)
        {
            optimizer.ZeroGradients();
            model.Forward(Torch.Ones([3, 4], device: Gpu)).Sum().Backward();
            optimizer.Step();
        }

        // 0.1 * 3 of the first step, and 0.1 * (3 + 0.9 * 3) of the second.
        Assert.Equal(before.Select(static value => value - 0.87f), model.Weight.Value.ToArray<float>(),
            static (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(Gpu, model.Weight.Value.Device);
    }

    [Fact]
    public void Save_AndLoad_GoByTheProcessor()
    {
        using var folder = new TemporaryFolder();
        using var model = new BatchNorm1d(3);
        model.To(Gpu);
        model.Forward(Torch.Linspace(0, 5, 12, device: Gpu).Reshape(4, 3));
        string path = folder.At("model.safetensors");
        model.Save(path);
        using var other = new BatchNorm1d(3);

        other.Load(path);

        AssertClose(model.RunningMean!.Value, other.RunningMean!.Value, 0);
        Assert.Equal(Device.Cpu, other.RunningMean.Value.Device);
    }

    [Fact]
    public void Dropout_OnTheGpu_DropsAboutItsPart()
    {
        using var dropout = new Dropout(0.25);

        double kept = dropout.Forward(Torch.Ones([100_000], device: Gpu)).Gt(0).Sum().ToDouble() / 100_000;

        Assert.InRange(kept, 0.74, 0.76);
    }
}
