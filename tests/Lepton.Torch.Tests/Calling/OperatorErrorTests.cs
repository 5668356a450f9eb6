namespace Lepton.Torch.Tests.Calling;

/// <summary>What is refused names the operator, the dtypes and the shapes, and says what to do.</summary>
public sealed class OperatorErrorTests : TorchTest
{
    [Fact]
    public void MatMul_ShapesThatDoNotFit_NamesOperatorAndShapes()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Ones([2, 3]).MatMul(Torch.Ones([4, 5])));

        Assert.Equal(
            "aten::matmul(float32[2, 3], float32[4, 5]) failed: mat1 and mat2 shapes cannot be multiplied (2x3 and " +
            "4x5). Make the shapes fit: Reshape, Unsqueeze and Transpose change them.",
            e.Message);
        Assert.Equal("aten::matmul", e.OperatorName);
    }

    [Fact]
    public void Add_ShapesThatDoNotBroadcast_NamesBoth()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Ones([3]) + Torch.Ones([4]));

        Assert.StartsWith(
            "aten::add(float32[3], float32[4]) failed: The size of tensor a (3) must match the size of tensor b (4)",
            e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void DType_WithoutKernel_NamesItAndSaysHowToConvert()
    {
        Tensor x = Torch.Ones([2, 2], DType.Bool);

        var e = Assert.Throws<TorchOperatorException>(() => x.Mm(x));

        Assert.StartsWith("aten::mm(bool[2, 2], bool[2, 2]) failed: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("not implemented for 'Bool'", e.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Convert the tensor to a dtype that it takes, such as To(DType.Float32).", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Mm_DTypesDiffer_NamesBoth()
    {
        var e = Assert.Throws<TorchOperatorException>(
            () => Torch.Ones([2, 2]).Mm(Torch.Ones([2, 2], DType.Float64)));

        Assert.StartsWith("aten::mm(float32[2, 2], float64[2, 2]) failed: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Convert one of them with To(DType).", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void View_CountDiffers_NamesTheShapeAskedFor()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Ones([2, 3]).View(4, -1));

        Assert.StartsWith("aten::view(float32[2, 3], [4, -1]) failed: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embedding_IndexOutOfRange_SaysSo()
    {
        var e = Assert.Throws<TorchOperatorException>(
            () => Functional.Embedding(Torch.Ones([3, 2]), Torch.From(5L)));

        Assert.StartsWith("aten::embedding(float32[3, 2], int64[1]) failed: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("index out of range", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_MoreThanThereIs_IsAMemoryException()
    {
        var e = Assert.Throws<TorchMemoryException>(() => Torch.Empty([1L << 50]));

        Assert.StartsWith("aten::empty(float32[1125899906842624]) failed: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("TensorScope", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_WithoutCuda_SaysSo()
    {
        Assert.SkipUnless(CudaDevices.Count == 0, "There is a GPU.");

        var e = Assert.Throws<TorchOperatorException>(() => Torch.Zeros([1], device: Device.Cuda()));

        Assert.Contains("CUDA", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu", DeviceKind.Cpu, -1)]
    [InlineData("cuda", DeviceKind.Cuda, 0)]
    [InlineData("cuda:3", DeviceKind.Cuda, 3)]
    [InlineData("meta", DeviceKind.Meta, -1)]
    public void Parse_Device_IsItsName(string text, DeviceKind kind, int index) =>
        Assert.Equal(new Device(kind, index), Device.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    public void Parse_NoDevice_SaysWhatIsExpected(string text) => Assert.Contains(
        "cuda:N", Assert.Throws<FormatException>(() => Device.Parse(text)).Message, StringComparison.Ordinal);
}
