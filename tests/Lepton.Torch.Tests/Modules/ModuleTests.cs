using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Modules;

public sealed class ModuleTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void NamedParameters_OwnModel_NamesAsPythonWouldHaveThem()
    {
        using var model = new Model();

        Assert.Equal(
            [
                "scale", "fc1.weight", "fc1.bias", "layers.0.weight", "layers.0.bias", "layers.1.weight",
                "layers.1.bias", "encoder.self_attn.in_proj_weight", "encoder.self_attn.in_proj_bias",
                "encoder.self_attn.out_proj.weight", "encoder.self_attn.out_proj.bias", "encoder.linear1.weight",
                "encoder.linear1.bias", "encoder.linear2.weight", "encoder.linear2.bias", "encoder.norm1.weight",
                "encoder.norm1.bias", "encoder.norm2.weight", "encoder.norm2.bias", "head.weight", "head.bias",
                "norm.weight", "norm.bias",
            ],
            model.NamedParameters().Select(static named => named.Name));
        Assert.Equal(
            ["table", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"],
            model.NamedBuffers().Select(static named => named.Name));
        Assert.Contains("norm.num_batches_tracked", model.StateDict().Keys);
        Assert.DoesNotContain("table", model.StateDict().Keys);
        Assert.DoesNotContain("teacher.weight", model.StateDict().Keys);
        model.Teacher.Dispose();
    }

    [Theory]
    [InlineData("_fc1", "fc1")]
    [InlineData("Fc1", "fc1")]
    [InlineData("SelfAttn", "self_attn")]
    [InlineData("<SelfAttn>k__BackingField", "self_attn")]
    [InlineData("WeightIhL0", "weight_ih_l0")]
    [InlineData("QProjWeight", "q_proj_weight")]
    [InlineData("MLPHead", "mlp_head")]
    [InlineData("_self_attn", "self_attn")]
    [InlineData("Conv2D", "conv2_d")]
    public void StateNames_Members_SnakeCase(string member, string expected) =>
        Assert.Equal(expected, StateNames.Of(member));

    [Fact]
    public void Parameters_SharedByTwoMembers_OnceButSavedTwice()
    {
        using var model = new Tied();

        Assert.Equal(["a.weight"], model.NamedParameters().Select(static named => named.Name));
        Assert.Equal(["a.weight", "b.weight"], model.StateDict().Keys);
        Assert.Equal(2, model.NamedModules().Count);
    }

    [Fact]
    public void StateDict_ModuleBelowItself_SaysWhere()
    {
        using var model = new Circle();
        model.Inner.Outer = model;

        var e = Assert.Throws<InvalidOperationException>(() => model.StateDict());

        Assert.Contains("The module inner.outer is also the module above it", e.Message, StringComparison.Ordinal);
        model.Inner.Outer = null;
    }

    [Fact]
    public void StateDict_TwoMembersOfOneName_Refused()
    {
        var module = new Clash();

        var e = Assert.Throws<InvalidOperationException>(() => module.StateDict());

        Assert.Contains("called 'weight' in its state", e.Message, StringComparison.Ordinal);
        module.Free();
    }

    [Fact]
    public void LoadStateDict_AllKindsOfDifferences_ToldTogetherAndNothingCopied()
    {
        using var model = new Sequential(new Linear(2, 3), new Linear(3, 1));
        float[] before = model.StateDict()["0.weight"].ToArray<float>();
        var state = new Dictionary<string, Tensor>
        {
            ["0.weight"] = Torch.Zeros([3, 2]), ["1.weight"] = Torch.Zeros([2, 3]), ["0.bias"] = Torch.Zeros([3]),
            ["2.weight"] = Torch.Zeros([1], DType.Int64),
        };

        var e = Assert.Throws<StateMismatchException>(() => model.LoadStateDict(state));

        Assert.Equal(
            """
            The state does not fit (Sequential); nothing was loaded.
              1.weight: the model has float32[1, 3], the state float32[2, 3]
              1.bias: missing in the state; the model has float32[1]
              2.weight: not in the model; the state has int64[1]
            Build the model with the sizes and names of the one that was saved.
            """.ReplaceLineEndings("\n"),
            e.Message);
        Assert.Equal(["1.bias"], e.Differences.Missing);
        Assert.Equal(["2.weight"], e.Differences.Unexpected);
        Assert.Equal(["1.weight"], e.Misshapen);
        Assert.Equal(before, model.StateDict()["0.weight"].ToArray<float>());
    }

    [Fact]
    public void LoadStateDict_NotStrict_LoadsWhatFits()
    {
        using var model = new Linear(2, 1);

        StateDifferences differences = model.LoadStateDict(
            new Dictionary<string, Tensor>
            {
                ["weight"] = Torch.From<double>([1, 2], [1, 2]), ["other"] = Vector(1),
            },
            strict: false);

        Assert.Equal(["bias"], differences.Missing);
        Assert.Equal(["other"], differences.Unexpected);
        Assert.Equal([1, 2], model.Weight.Value.ToArray<float>());
    }

    [Fact]
    public void SaveAndLoad_OtherModelOfTheSameKind_SameOutputs()
    {
        string path = _folder.At("m.safetensors");
        using var saved = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new ReLU());
        using var loaded = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new ReLU());
        Tensor x = Torch.Randn([5, 3]);
        saved.Forward(x);

        saved.Save(path);
        StateDifferences differences = loaded.Load(path);

        Assert.True(differences.IsEmpty);
        Assert.Equal(saved.Eval().StateDict().Keys, loaded.Eval().StateDict().Keys);
        Assert.True(saved.Forward(x).ContentEquals(loaded.Forward(x)));
        var e = Assert.Throws<StateMismatchException>(() => new Sequential(new Linear(3, 4)).Load(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_OtherDType_SameTensorsWithTheirGradients()
    {
        using var model = new Sequential(new Linear(2, 2), new BatchNorm1d(2));
        Tensor weight = model.StateDict()["0.weight"];
        model.Forward(Torch.Randn([4, 2])).Sum().Backward();

        model.To(DType.Float64);

        Assert.Same(weight, model.StateDict()["0.weight"]);
        Assert.Equal(DType.Float64, weight.DType);
        Assert.Equal(DType.Float64, weight.Grad!.DType);
        Assert.Equal(DType.Int64, model.StateDict()["1.num_batches_tracked"].DType);
        Assert.True(weight.RequiresGrad);
        model.Forward(Torch.Randn([4, 2], DType.Float64)).Sum().Backward();
        Assert.Throws<ArgumentException>(() => model.To(DType.Int32));
    }

    [Fact]
    public void Eval_WholeTree_NoDropoutAndBack()
    {
        using var model = new Sequential(new Dropout(0.5), new Sequential(new Dropout(0.5)));
        Tensor x = Torch.Ones([100]);

        Assert.True(model.Eval().NamedModules().All(static named => !named.Module.IsTraining));
        Assert.True(model.Forward(x).ContentEquals(x));
        Assert.True(model.Train().NamedModules().All(static named => named.Module.IsTraining));
        Assert.False(model.Forward(x).ContentEquals(x));
    }

    [Fact]
    public void RequireGradients_False_FreezesAndUnfreezes()
    {
        using var model = new Linear(2, 2);

        model.RequireGradients(false);
        Assert.False(model.Forward(Torch.Ones([1, 2])).RequiresGrad);

        model.RequireGradients();
        Tensor loss = model.Forward(Torch.Ones([1, 2])).Sum();
        loss.Backward();
        model.ZeroGradients(toNull: false);
        Assert.Equal(0, model.Weight.Grad!.Abs().Sum().ToSingle());
        model.ZeroGradients();
        Assert.Null(model.Weight.Grad);
    }

    [Fact]
    public void Sequential_Named_KeysByName()
    {
        using var model = new Sequential { { "fc", new Linear(1, 1) }, { "act", new ReLU() } };

        Assert.Equal(["fc.weight", "fc.bias"], model.StateDict().Keys);
        Assert.Throws<ArgumentException>(() => model.Add("a.b", new ReLU()));
    }

    [Fact]
    public void ModuleList_InAModel_KeysByPlace()
    {
        using var list = new ModuleList<Linear>(new Linear(1, 1, hasBias: false));
        list.Add(new Linear(1, 1, hasBias: false));

        Assert.Equal(["0.weight", "1.weight"], list.StateDict().Keys);
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void Parameter_MadeWithinAScope_OutlivesIt()
    {
        Linear model;
        using (new TensorScope())
        {
            model = new Linear(2, 2);
            model.Forward(Torch.Ones([1, 2])).Sum().Backward();
        }

        Assert.False(model.Weight.Value.IsDisposed);
        Assert.Equal([1, 1, 1, 1], model.Weight.Grad!.ToArray<float>());
        model.Dispose();
        Assert.True(model.Weight.Value.IsDisposed);
    }

    [Fact]
    public void Parameter_OfAComputedTensor_IsALeafOfItsOwn()
    {
        using var source = new Parameter(Torch.Ones([2]));
        using var parameter = new Parameter(source.Value * 2);

        Assert.True(parameter.Value.IsLeaf);
        (parameter.Value * 3).Sum().Backward();
        Assert.Null(source.Grad);
        Assert.Equal([3, 3], parameter.Grad!.ToArray<float>());
    }

    [Fact]
    public void AttentionPooling_InASequential_WeightsCanBeReadBehindForward()
    {
        var pooling = new AttentionPooling(2, 3) { KeepsWeights = true };
        using var model = new Sequential(pooling, new Linear(2, 1));
        Tensor x_NTI = Torch.Randn([4, 5, 2]);

        using (new TensorScope())
        {
            model.Forward(x_NTI);
            model.Forward(x_NTI);
        }

        Tensor weights_NT = pooling.LastWeights!;
        Assert.True(weights_NT.Shape.SequenceEqual([4, 5]));
        Assert.True(weights_NT.Sum([1]).AllClose(Torch.Ones([4])));
        pooling.KeepsWeights = false;
        (Tensor _, Tensor told_NT) = pooling.ForwardWithWeights(x_NTI);
        Assert.True(told_NT.AllClose(weights_NT));
    }

    protected override void OnDispose() => _folder.Dispose();

    private sealed class Model : Module
    {
        private readonly Parameter _scale = new(Torch.Ones([1]));
        private readonly ModuleBuffer _table = new(Torch.Zeros([1]), isPersistent: false);
        private readonly Linear _fc1 = new(2, 2);

        [NotState]
        private readonly Linear _teacher = new(1, 1);

        public Linear[] Layers { get; } = [new Linear(2, 2), new Linear(2, 2)];

        public TransformerEncoderLayer Encoder { get; } = new(2, 1, new() { FeedForward = 2 });

        [StateName("head")]
        public Linear Output { get; } = new(2, 2);

        public BatchNorm1d Norm { get; } = new(2);

        public Linear? Absent { get; }

        public Linear Teacher => _teacher;

        public Tensor Forward(Tensor x) => _fc1.Forward(x * _scale) + _table;
    }

    private sealed class Tied : Module
    {
        public Tied() => B = A;

        public Linear A { get; } = new(2, 2, hasBias: false);

        public Linear B { get; }
    }

    private sealed class Circle : Module
    {
        public Inside Inner { get; } = new();
    }

    private sealed class Inside : Module
    {
        public Circle? Outer { get; set; }
    }

    private sealed class Clash : Module
    {
        private readonly Parameter _weight = new(Torch.Ones([1]));

        public Parameter Weight { get; } = new(Torch.Ones([1]));

        public void Free()
        {
            _weight.Dispose();
            Weight.Dispose();
        }
    }
}
