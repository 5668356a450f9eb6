namespace Lepton.Torch.Tests.Autograd;

/// <summary>
/// Small tensors take a short way past libtorch's dispatcher, kernels and engine. It must not show: the bits, the graph
/// and the gradients are those of libtorch's own way, which calls by name always take.
/// </summary>
public sealed class ShortWayTests : TorchTest
{
    private static readonly (string Name, Func<Tensor, Tensor, Tensor> Ours, Func<Tensor, Tensor, Tensor> Theirs)[]
        s_operators =
        [
            ("add", static (a, b) => a + b, static (a, b) => Torch.Call("aten::add.Tensor", a, b)),
            ("sub", static (a, b) => a - b, static (a, b) => Torch.Call("aten::sub.Tensor", a, b)),
            ("mul", static (a, b) => a * b, static (a, b) => Torch.Call("aten::mul.Tensor", a, b)),
            ("div", static (a, b) => a / b, static (a, b) => Torch.Call("aten::div.Tensor", a, b)),
            ("square", static (a, _) => a * a, static (a, _) => Torch.Call("aten::mul.Tensor", a, a)),
            ("add 3", static (a, _) => a + 3, static (a, _) => Torch.Call("aten::add.Scalar", a, 3)),
            ("sub 0.1", static (a, _) => a - 0.1, static (a, _) => Torch.Call("aten::sub.Scalar", a, 0.1)),
            ("mul 0.1", static (a, _) => a * 0.1, static (a, _) => Torch.Call("aten::mul.Scalar", a, 0.1)),
            ("div 3", static (a, _) => a / 3, static (a, _) => Torch.Call("aten::div.Scalar", a, 3)),
            ("neg", static (a, _) => -a, static (a, _) => Torch.Call("aten::neg", a)),
            ("relu", static (a, _) => a.Relu(), static (a, _) => Torch.Call("aten::relu", a)),
            ("tanh", static (a, _) => a.Tanh(), static (a, _) => Torch.Call("aten::tanh", a)),
            ("sigmoid", static (a, _) => a.Sigmoid(), static (a, _) => Torch.Call("aten::sigmoid", a)),
            ("exp", static (a, _) => a.Exp(), static (a, _) => Torch.Call("aten::exp", a)),
        ];

    public static TheoryData<string, DType, long> Cases
    {
        get
        {
            var cases = new TheoryData<string, DType, long>();
            foreach ((string name, _, _) in s_operators)
            {
                // One element, more than a vector register holds, the largest that is small, and one beyond.
                foreach (long count in new long[] { 1, 37, 4096, 4097 })
                {
                    cases.Add(name, DType.Float32, count);
                }

                cases.Add(name, DType.Float64, 37);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Operator_AnySize_BitsOfResultAndGradientsAreLibtorchs(string name, DType dtype, long count)
    {
        (_, Func<Tensor, Tensor, Tensor> ours, Func<Tensor, Tensor, Tensor> theirs) =
            Array.Find(s_operators, found => found.Name == name);
        Tensor[] mine = Inputs(dtype, count);
        Tensor[] other = Inputs(dtype, count);

        Tensor result = ours(mine[0], mine[1]);
        Tensor expected = theirs(other[0], other[1]);
        (result * mine[2]).Sum().Backward();
        Tensor?[] gradients = TensorGradients.Gradients(
            [Torch.Call("aten::mul.Tensor", expected, other[2]).Sum()], [other[0], other[1]], allowUnused: true);

        AssertSameBits(expected, result);
        for (int i = 0; i < gradients.Length; i++)
        {
            Assert.Equal(gradients[i] is null, mine[i].Grad is null);
            if (gradients[i] is { } gradient)
            {
                AssertSameBits(gradient, mine[i].Grad!);
            }
        }
    }

    [Fact]
    public void Operator_SpecialNumbers_AsLibtorchHasThem()
    {
        Tensor x = Vector(float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, float.Epsilon);

        AssertSameBits(Torch.Call("aten::relu", x).Abs(), x.Relu().Abs());
        AssertSameBits(Torch.Call("aten::mul.Tensor", x, x), x * x);
        Assert.True(float.IsNaN(x.Relu().ToArray<float>()[0]));
    }

    [Fact]
    public void Graph_OfShortWays_HasLibtorchsNames()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;

        Assert.Equal("AddBackward0", (x + x).GradFunction());
        Assert.Equal("SubBackward0", (x - x).GradFunction());
        Assert.Equal("MulBackward0", (x * x).GradFunction());
        Assert.Equal("TanhBackward0", x.Tanh().GradFunction());
        Assert.False((x * x).IsLeaf);
        Assert.Null(x.Detach().Tanh().GradFunction());
    }

    [Fact]
    public void Backward_SharedAndBroadcastParts_AddsUpAsTheEngineDoes()
    {
        Tensor a = Torch.Randn([4, 5]);
        Tensor b = Torch.Randn([5]);
        Tensor c = Torch.Randn([4, 1], DType.Float64);
        a.RequiresGrad = b.RequiresGrad = c.RequiresGrad = true;
        Tensor Loss()
        {
            Tensor x = (a * b).Tanh() + a;
            Tensor y = (x.MatMul(x.T()) * c).Relu();
            Tensor[] parts = y.Split(2);
            return (parts[0] * parts[1]).Mean() + (x[1..3, 0] * b[0]).Sum() + a.Sum();
        }

        Tensor?[] expected = TensorGradients.Gradients([Loss()], [a, b, c]);
        Loss().Backward();

        AssertSameBits(expected[0]!, a.Grad!);
        AssertSameBits(expected[1]!, b.Grad!);
        AssertSameBits(expected[2]!, c.Grad!);
    }

    [Fact]
    public void Backward_CreateGraph_GradientsOfGradientsAreThere()
    {
        Tensor x = Vector(0.5f, -1);
        x.RequiresGrad = true;

        (x * x * x).Tanh().Sum().Backward(createGraph: true);
        Tensor first = x.Grad!;
        Tensor second = TensorGradients.Gradients([first.Sum()], [x])[0]!;

        // The second derivative of tanh(x³): 6x (1 - t²) - 18 x⁴ t (1 - t²).
        static float Expected(float x)
        {
            double t = Math.Tanh(x * x * x);
            return (float)((6 * x * (1 - t * t)) - (18 * Math.Pow(x, 4) * t * (1 - t * t)));
        }

        Assert.Equal([Expected(0.5f), Expected(-1)], second.ToArray<float>(), static (u, v) => Math.Abs(u - v) < 1e-4);
        x.Grad = null;
    }

    [Fact]
    public void Backward_SavedTensorChangedInPlace_Refused()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;
        Tensor y = x * 1.5;
        Tensor z = y * y;
        y.AddInPlace(1);

        var e = Assert.Throws<TorchOperatorException>(() => z.Sum().Backward());

        Assert.Contains("modified by an inplace operation", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_ASecondTime_Refused()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;
        Tensor y = (x * x).Sum();
        y.Backward();

        var e = Assert.Throws<TorchOperatorException>(() => y.Backward());

        Assert.Contains("backward through the graph a second time", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_ChainOfTenThousand_EndsAndFreesItsGraph()
    {
        long before = Torch.LiveTensorCount;
        Tensor x = Vector(1);
        x.RequiresGrad = true;
        using (new TensorScope())
        {
            Tensor y = x;
            for (int i = 0; i < 10_000; i++)
            {
                y = y * 1.0001 + 0.0;
            }

            y.Sum().Backward();
        }

        Assert.Equal(Math.Pow(1.0001, 10_000), x.Grad!.ToDouble(), 1e-2);
        x.Grad = null;
        x.Dispose();
        Assert.True(Torch.LiveTensorCount <= before + 1);
    }

    private static Tensor[] Inputs(DType dtype, long count)
    {
        using var generator = Generator.FromSeed(17);
        Tensor[] inputs =
        [
            Torch.Randn([count], dtype, generator: generator), Torch.Randn([count], dtype, generator: generator),
            Torch.Randn([count], dtype, generator: generator),
        ];
        inputs[0].RequiresGrad = inputs[1].RequiresGrad = true;
        return inputs;
    }

    private static void AssertSameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.True(
            expected.Detach().Contiguous().AsBytes().SequenceEqual(actual.Detach().Contiguous().AsBytes()),
            $"they differ by {(expected.Detach() - actual.Detach()).Abs().Max().ToDouble()} at most");
    }
}
