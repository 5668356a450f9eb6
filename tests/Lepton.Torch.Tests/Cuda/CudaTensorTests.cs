namespace Lepton.Torch.Tests.Cuda;

public sealed class CudaTensorTests : CudaTest
{
    // On numbers from -2 to 2, [6, 8].
    private static readonly OrderedDictionary<string, Func<Tensor, Tensor>> s_operators = new()
    {
        ["add"] = static x => x + x,
        ["scalars"] = static x => (2 * x) + 1,
        ["broadcast"] = static x => x * x[..1],
        ["matmul"] = static x => x.MatMul(x.T()),
        ["exp"] = static x => x.Exp(),
        ["tanh"] = static x => x.Tanh(),
        ["sigmoid"] = static x => x.Sigmoid(),
        ["relu"] = static x => x.Relu(),
        ["softmax"] = static x => x.Softmax(1),
        ["sum"] = static x => x.Sum(),
        ["mean of rows"] = static x => x.Mean(1),
        ["transposed"] = static x => x.T().Contiguous(),
        ["part"] = static x => x[1..4, ^3..],
        ["cat"] = static x => Torch.Cat([x, x], 1),
        ["stack"] = static x => Torch.Stack([x, x]),
        ["argmax"] = static x => x.ArgMax(1),
        ["comparison"] = static x => x.Gt(0),
        ["triangle"] = static x => x.Triu(1),
        ["by name"] = static x => Torch.Call("aten::roll", x, new long[] { 2 }, new long[] { 1 }),
        ["sorted"] = static x => Torch.CallAll("aten::sort", x, 1)[0].ToTensor(),
        ["in place"] = static x => x.Clone().AddInPlace(x).MultiplyInPlace(3),
    };

    public static TheoryData<string> Names => [.. s_operators.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operator_OnTheGpu_IsAsOnTheProcessor(string name)
    {
        Tensor x = Torch.Linspace(-2, 2, 48).Reshape(6, 8);

        Tensor actual = s_operators[name](x.To(Gpu));

        Assert.Equal(Gpu, actual.Device);
        AssertClose(s_operators[name](x), actual);
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Int32)]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Bool)]
    public void To_GpuAndBack_KeepsElements(DType dtype)
    {
        Tensor x = Torch.Arange(0, 12).Reshape(3, 4).To(dtype);

        Tensor there = x.To(Gpu);

        Assert.Equal(Gpu, there.Device);
        Assert.True(there.To(Device.Cpu).ContentEquals(x));
    }

    [Fact]
    public void ToArray_TransposedOnTheGpu_IsInRowMajorOrder()
    {
        Tensor x = Torch.Arange(0, 6, device: Gpu).Reshape(2, 3).T();

        Assert.Equal([0, 3, 1, 4, 2, 5], x.ToArray<long>());
        Assert.Equal(4, x[2, 0].ToInt64() + x[1, 0].ToInt64() + x[0, 0].ToInt64() + 1);
        Assert.Throws<InvalidOperationException>(() => x.AsSpan<long>());
    }

    [Fact]
    public void Made_OnTheGpu_AreThere()
    {
        Tensor[] made =
        [
            Torch.Zeros([2, 2], device: Gpu), Torch.Ones([2, 2], device: Gpu), Torch.Full([2, 2], 3, device: Gpu),
            Torch.Eye(2, device: Gpu), Torch.Linspace(0, 1, 4, device: Gpu).View(2, 2),
        ];

        Assert.All(made, static tensor => Assert.Equal(Gpu, tensor.Device));
        Assert.Equal([0, 4, 12, 2, 2], made.Select(static tensor => tensor.Sum().ToDouble()));
    }

    [Fact]
    public void Operator_TensorsOnTwoDevices_SaysSo()
    {
        var e = Assert.Throws<TorchOperatorException>(
            () => Torch.Ones([2, 2], device: Gpu).MatMul(Torch.Ones([2, 2])));

        Assert.Contains("device", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_OnTheGpu_GivesTheProcessorsGradients()
    {
        Tensor x = Torch.Linspace(-1, 1, 20).Reshape(4, 5);
        Tensor weight = Torch.Linspace(-0.5, 0.5, 15).Reshape(3, 5);

        AssertClose(Gradient(Device.Cpu), Gradient(Gpu));

        Tensor Gradient(Device device)
        {
            Tensor leaf = weight.To(device).Clone();
            leaf.RequiresGrad = true;
            Tensor y = x.To(device).MatMul(leaf.T()).Tanh();
            (y * y).Sum().Backward();
            return leaf.Grad!;
        }
    }

    [Fact]
    public void Hook_OnTheGpu_ChangesTheGradient()
    {
        Tensor x = Torch.Ones([3], device: Gpu);
        x.RequiresGrad = true;
        using GradientHook hook = x.AddGradientHook(static gradient => gradient * 10);

        (x * 2).Sum().Backward();

        Assert.Equal([20, 20, 20], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Autocast_OnTheGpu_ProductsAreSmallAndLossesAreNot()
    {
        Tensor x = Torch.Randn([8, 8], device: Gpu);
        using (Torch.Autocast(DType.BFloat16, Gpu))
        {
            Assert.Equal(DType.BFloat16, x.MatMul(x).DType);
            Assert.Equal(DType.Float32, LossFunctions.MseLoss(x.MatMul(x), x).DType);
        }

        Assert.Equal(DType.Float32, x.MatMul(x).DType);
    }

    [Fact]
    public void FindNotFinite_OnTheGpu_NamesTheOperator()
    {
        Tensor x = Torch.Zeros([2], device: Gpu);

        Assert.Equal("aten::log", Torch.FindNotFinite(() => x.Exp().Add(-1).Log())?.Name);
    }
}
