namespace Lepton.Torch.Tests.Calling;

public sealed class TorchOperatorTests : TorchTest
{
    [Fact]
    public void Call_ByNameAndOverload_Computes()
    {
        Tensor x = Vector(1, 4, 9);

        Assert.Equal([1, 2, 3], Torch.Call("aten::sqrt", x).ToArray<float>());
        Assert.Equal([3, 12, 27], Torch.Call("aten::add.Tensor", x, x, TorchValue.Named("alpha", 2)).ToArray<float>());
        Assert.Equal([3, 6, 11], Torch.Call("aten::add.Scalar", x, 2).ToArray<float>());
        Assert.Equal(14, Torch.Call("aten::sum.dim_IntList", x, new long[] { 0 }, false).ToSingle());
    }

    [Fact]
    public void Call_EveryKindOfArgument_Arrives()
    {
        Tensor x = Torch.Arange(0, 6, dtype: DType.Float32).Reshape(2, 3);

        Assert.Equal([2, 6], Torch.Call("aten::cat", new[] { x, x }, 1).Shape.ToArray());
        Assert.Equal([3, 4, 5], Torch.Call("aten::index.Tensor", x, new[] { Torch.From(1L), null }).ToArray<float>());
        Assert.Equal([6, 2], Torch.Call("aten::einsum", "ij->ji", new[] { x }).Repeat(2, 1).Shape.ToArray());
        Assert.Equal(
            DType.Int32,
            Torch.Call("aten::to.device", x, Device.Cpu, DType.Int32).DType);
        Assert.Equal(
            [1, 1, 4, 4],
            Torch.Call("aten::upsample_nearest2d.vec", Torch.Ones([1, 1, 2, 2]), TorchValue.None, new[] { 2.0, 2.0 })
                .Shape.ToArray());
        using var generator = Generator.FromSeed(3);
        Assert.Equal([2], Torch.Call("aten::rand.generator", new long[] { 2 }, generator).Shape.ToArray());
    }

    [Fact]
    public void CallAll_SeveralResults_InTheirOrder()
    {
        TorchValue[] results = Torch.CallAll("aten::max.dim", Vector(1, 5, 2), 0);

        Assert.Equal(5, results[0].ToTensor().ToSingle());
        Assert.Equal(1, results[1].ToTensor().ToInt64());
        Assert.Equal(2, Torch.CallAll("aten::size.int", Vector(1, 2), 0)[0].ToInt64());
        Assert.True(Torch.CallAll("aten::equal", Vector(1), Vector(1))[0].ToBoolean());
        Assert.Equal(2, Torch.CallAll("aten::chunk", Vector(1, 2), 2)[0].ToTensors().Length);
    }

    [Fact]
    public void Call_Gradients_FlowThroughIt()
    {
        Tensor x = Vector(2);
        x.RequiresGrad = true;

        Torch.Call("aten::mul.Tensor", x, x).Sum().Backward();

        Assert.Equal(4, x.Grad!.ToSingle());
    }

    [Fact]
    public void Run_InPlace_ChangesTheTensor()
    {
        Tensor x = Vector(1, -1);

        new TorchOperator("aten::relu_").Run(x);

        Assert.Equal([1, 0], x.ToArray<float>());
    }

    [Fact]
    public void Schema_Operator_IsLibtorchsText() => Assert.Equal(
        "aten::relu(Tensor self) -> Tensor", new TorchOperator("aten::relu").Schema);

    [Fact]
    public void Call_UnknownOperator_SaysSo()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Call("aten::frobnicate", Vector(1)));

        Assert.Equal(
            "aten::frobnicate failed: this libtorch has no operator aten::frobnicate. Correct the name, or use a " +
            "libtorch that has this operator.",
            e.Message);
        Assert.Equal("aten::frobnicate", e.OperatorName);
    }

    [Fact]
    public void Call_OverloadMissing_ListsThem()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Call("aten::add", Vector(1), Vector(1)));

        Assert.Contains("aten::add.Tensor", e.Message, StringComparison.Ordinal);
        Assert.Contains("aten::add.Scalar", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_WrongArguments_NamesWhich()
    {
        Assert.Contains(
            "argument 'other' (Tensor) is missing", Fails("aten::mul.Tensor", Vector(1)), StringComparison.Ordinal);
        Assert.Contains(
            "takes 2 arguments, not 3", Fails("aten::mul.Tensor", Vector(1), Vector(1), 1), StringComparison.Ordinal);
        Assert.Contains(
            "argument 'self' is a Tensor, not an integer", Fails("aten::relu", 1), StringComparison.Ordinal);
        Assert.Contains(
            "has no argument 'beta'", Fails("aten::relu", Vector(1), TorchValue.Named("beta", 1)),
            StringComparison.Ordinal);
        Assert.Contains(
            "argument 'self' is given twice", Fails("aten::relu", Vector(1), TorchValue.Named("self", 1)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Call_SeveralResults_PointsToCallAll()
    {
        var e = Assert.Throws<InvalidOperationException>(() => Torch.Call("aten::max.dim", Vector(1), 0));

        Assert.Equal("aten::max.dim gives 2 results, not one tensor. Use CallAll.", e.Message);
    }

    private static string Fails(string name, params TorchValue[] arguments) =>
        Assert.Throws<TorchOperatorException>(() => Torch.Call(name, arguments)).Message;
}
