using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;
using Lepton.Torch.Serialization;

namespace Lepton.Torch.Tests.Optimizers;

public sealed class OptimizerTests : TorchTest
{
    private static readonly Dictionary<string, Func<Module, Optimizer>> s_kinds = new()
    {
        ["sgd"] = model => new SGD(model, new() { Momentum = 0.9 }),
        ["adam"] = model => new Adam(model, new() { Amsgrad = true, WeightDecay = 0.1 }),
        ["adamw"] = model => new AdamW(model),
        ["adagrad"] = model => new Adagrad(model, new() { InitialAccumulator = 0.5 }),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Fact]
    public void Step_Groups_EachByItsOptions()
    {
        using var body = new Linear(1, 1, hasBias: false);
        using var head = new Linear(1, 1, hasBias: false);
        using var optimizer = new SGD(
            [
                new ParameterGroup([new("body", body.Weight)]),
                new ParameterGroup([new("head", head.Weight)], new SgdOptions { LearningRate = 1 }),
            ],
            new SgdOptions { LearningRate = 0.5 });
        float before = body.Weight.Value.ToSingle();
        float beforeHead = head.Weight.Value.ToSingle();

        (body.Forward(Torch.Ones([1, 1])) + head.Forward(Torch.Ones([1, 1]))).Sum().Backward();
        optimizer.Step();

        Assert.Equal(before - 0.5f, body.Weight.Value.ToSingle());
        Assert.Equal(beforeHead - 1, head.Weight.Value.ToSingle());
    }

    [Fact]
    public void Step_ParameterWithoutGradient_StaysAndCountsNoStep()
    {
        using var model = new Sequential(new Linear(1, 1), new Linear(1, 1));
        using var optimizer = new Adam(model);
        float[] before = model.StateDict()["1.weight"].ToArray<float>();

        model[0].Forward(Torch.Ones([1, 1])).Sum().Backward();
        optimizer.Step();

        Assert.Equal(before, model.StateDict()["1.weight"].ToArray<float>());
        OptimizerState state = optimizer.ExportState();
        Assert.Equal(1, state.Numbers["0.weight.step"]);
        Assert.Equal(0, state.Numbers["1.weight.step"]);
        Assert.Equal(
            ["0.bias.exp_avg", "0.bias.exp_avg_sq", "0.weight.exp_avg", "0.weight.exp_avg_sq"],
            state.Tensors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_SteadyState_MakesNoObjectForAParameter(string kind)
    {
        using var model = new Sequential(Enumerable.Range(0, 50).Select(static _ => new Linear(4, 4)));
        using Optimizer optimizer = s_kinds[kind](model);
        model.Forward(Torch.Ones([2, 4])).Sum().Backward();
        for (int i = 0; i < 50; i++)
        {
            optimizer.Step();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            optimizer.Step();
        }

        // 100 parameters: an object for each would be 2,400 bytes a step or more.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 200);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ImportState_SavedAndLoaded_GoesOnByTheSameBits(string kind)
    {
        string path = _folder.At("optimizer.safetensors");
        using Sequential first = Mlp();
        using Sequential second = Mlp();
        using Optimizer whole = s_kinds[kind](first);
        Train(first, whole, 3);
        using Optimizer resumed = s_kinds[kind](second);
        second.LoadStateDict(first.StateDict());
        whole.Groups[0].LearningRate = 0.123;
        whole.ExportState().Save(path);

        Assert.True(resumed.ImportState(OptimizerState.Load(path)).IsEmpty);

        Assert.Equal(0.123, resumed.Groups[0].LearningRate);
        Train(first, whole, 3);
        Train(second, resumed, 3);
        foreach ((string name, Tensor tensor) in first.StateDict())
        {
            Assert.True(tensor.ContentEquals(second.StateDict()[name]), name);
        }
    }

    [Fact]
    public void ImportState_PartsOfSeveralOwners_AreTheWhole()
    {
        using Sequential model = Mlp();
        using var whole = new Adam(model);
        Train(model, whole, 2);
        OptimizerState state = whole.ExportState();
        using var part = new Adam(
            [new ParameterGroup(model.NamedParameters().Where(static named => named.Name[0] == '2'))]);

        StateDifferences differences = part.ImportState(state, strict: false);

        Assert.Contains("0.weight.exp_avg", differences.Unexpected);
        Assert.Empty(differences.Missing);
        Assert.True(part.ExportState().Tensors["2.weight.exp_avg"].ContentEquals(state.Tensors["2.weight.exp_avg"]));
        Assert.Throws<StateMismatchException>(() => part.ImportState(state));
    }

    [Fact]
    public void ImportState_OtherModel_AllDifferencesToldAndNothingChanged()
    {
        using Sequential model = Mlp();
        using var optimizer = new Adam(model);
        Train(model, optimizer, 2);
        OptimizerState state = optimizer.ExportState();
        using var other = new Sequential(new Linear(6, 9), new Linear(1, 1));
        using var target = new Adam(other);

        var e = Assert.Throws<StateMismatchException>(() => target.ImportState(state));

        Assert.Contains("0.weight.exp_avg: the parameter is float32[9, 6], the state float32[8, 6]", e.Message,
            StringComparison.Ordinal);
        Assert.Contains("1.weight.step: missing in the state", e.Message, StringComparison.Ordinal);
        Assert.Contains("2.bias.exp_avg: not in the optimizer", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, target.ExportState().Numbers["0.weight.step"]);
    }

    [Fact]
    public void Load_ModelInsteadOfState_Refused()
    {
        string path = _folder.At("x.safetensors");
        Safetensors.Save(
            path, new Dictionary<string, Tensor>(), new Dictionary<string, string> { ["format"] = "pt" });

        var e = Assert.Throws<SafetensorsException>(() => OptimizerState.Load(path));

        Assert.Contains("'format' in its metadata is 'pt', not a number", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_GradientThatDoesNotFit_NamesTheParameter()
    {
        using var model = new Sequential(new Linear(2, 2));
        using var optimizer = new SGD(model, new() { Momentum = 0.9 });
        Tensor x = Torch.Ones([1, 2]);
        model.Forward(x).Sum().Backward();
        optimizer.Step();
        model.To(DType.Float64);
        optimizer.ZeroGradients();
        model.Forward(x.To(DType.Float64)).Sum().Backward();
        new TorchOperator("aten::resize_").Run(
            optimizer.ExportState().Tensors["0.weight.momentum_buffer"], new[] { 3L });

        var e = Assert.Throws<TorchOperatorException>(optimizer.Step);

        Assert.StartsWith(
            "Step of the parameter 0.weight (float64[2, 2]): aten::add_ failed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OutOfBounds_AllToldTogether()
    {
        using var model = new Linear(1, 1);

        var e = Assert.Throws<ArgumentException>(
            () => new Adam(model, new() { LearningRate = -1, Beta1 = 1, Epsilon = double.NaN }));

        Assert.Contains("LearningRate is -1", e.Message, StringComparison.Ordinal);
        Assert.Contains("Beta1 is 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("Epsilon is NaN", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SGD(model, new() { Nesterov = true }));
        Assert.Throws<ArgumentException>(() => new SGD(new ReLU()));
        Assert.Throws<ArgumentException>(
            () => new SGD([new ParameterGroup(model.NamedParameters()), new ParameterGroup(model.NamedParameters())]));
        Assert.Throws<ArgumentException>(
            () => new SGD([new ParameterGroup(model.NamedParameters(), new AdamOptions())]));
    }

    [Fact]
    public void Group_OfAnotherOptimizer_Refused()
    {
        using var model = new Linear(1, 1);
        var group = new ParameterGroup(model.NamedParameters());
        using var first = new SGD([group]);

        Assert.Throws<InvalidOperationException>(() => new SGD([group]));
    }

    [Fact]
    public void ClipGradients_BelowTheLimit_LeftAlone()
    {
        using var model = new Linear(1, 1, hasBias: false);
        using var optimizer = new SGD(model);
        model.Forward(Torch.Full([1, 1], 3)).Sum().Backward();

        Assert.Equal(3, optimizer.ClipGradients(5), 1e-6);
        Assert.Equal(3, model.Weight.Grad!.ToSingle());
        Assert.Equal(3, optimizer.ClipGradients(1), 1e-6);
        Assert.Equal(1, model.Weight.Grad!.ToSingle(), 1e-5);
    }

    [Fact]
    public void Schedule_SetToAStep_AsIfItHadComeThere()
    {
        using var model = new Linear(1, 1);
        using var optimizer = new SGD(model, new() { LearningRate = 1, Momentum = 0.9 });
        var schedule = new OneCycleLR(optimizer, 2, 10);
        for (int i = 0; i < 4; i++)
        {
            schedule.Step();
        }

        (double rate, double momentum) = (optimizer.Groups[0].LearningRate, optimizer.Groups[0].Momentum);
        using var other = new SGD(model, new() { LearningRate = 1, Momentum = 0.9 });
        _ = new OneCycleLR(other, 2, 10) { StepCount = 4 };

        Assert.Equal(rate, other.Groups[0].LearningRate);
        Assert.Equal(momentum, other.Groups[0].Momentum);
        var e = Assert.Throws<InvalidOperationException>(() => schedule.StepCount = 10);
        Assert.Contains("The cycle has 10 steps; step 10 is behind its end", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new OneCycleLR(new Adagrad(model), 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepLR(optimizer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineWarmupLR(optimizer, 5, 5));
    }

    protected override void OnDispose() => _folder.Dispose();

    private static Sequential Mlp() => new(new Linear(6, 8), new ReLU(), new Linear(8, 3));

    private static void Train(Sequential model, Optimizer optimizer, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            optimizer.ZeroGradients();
            model.Forward(Torch.Arange(0, 12, dtype: DType.Float32).View(2, 6).Sin()).Square().Sum().Backward();
            optimizer.Step();
        }
    }
}
