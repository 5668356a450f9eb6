namespace Lepton.Torch.Tests.Tensors;

public sealed class TensorTests : TorchTest
{
    [Fact]
    public void From_Numbers_ShapeDTypeAndElementsAreTheirs()
    {
        Tensor x = Torch.From<int>([1, 2, 3, 4, 5, 6], [2, 3]);

        Assert.Equal([2, 3], x.Shape.ToArray());
        Assert.Equal([3, 1], x.Strides.ToArray());
        Assert.Equal(DType.Int32, x.DType);
        Assert.Equal(Device.Cpu, x.Device);
        Assert.Equal(6, x.ElementCount);
        Assert.Equal([1, 2, 3, 4, 5, 6], x.ToArray<int>());
    }

    [Fact]
    public void From_ShapeOfOtherCount_NamesBoth()
    {
        var e = Assert.Throws<ArgumentException>(() => Torch.From<float>([1, 2, 3], [2, 2]));

        Assert.Contains("[2, 2] has 4 elements; 3 are given", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_TensorsAndNumbers_AsArithmeticHasIt()
    {
        Tensor a = Vector(1, 2, 3);
        Tensor b = Vector(4, 5, 6);

        Assert.Equal([5, 7, 9], (a + b).ToArray<float>());
        Assert.Equal([-3, -3, -3], (a - b).ToArray<float>());
        Assert.Equal([4, 10, 18], (a * b).ToArray<float>());
        Assert.Equal([4, 2.5f, 2], (b / a).ToArray<float>());
        Assert.Equal([3, 4, 5], (a + 2).ToArray<float>());
        Assert.Equal([3, 4, 5], (2 + a).ToArray<float>());
        Assert.Equal([-1, 0, 1], (a - 2).ToArray<float>());
        Assert.Equal([1, 0, -1], (2 - a).ToArray<float>());
        Assert.Equal([2, 4, 6], (a * 2).ToArray<float>());
        Assert.Equal([0.5f, 1, 1.5f], (a / 2).ToArray<float>());
        Assert.Equal([6, 3, 2], (6 / a).ToArray<float>());
        Assert.Equal([-1, -2, -3], (-a).ToArray<float>());
        Assert.Equal([1, 0, 1], (a % 2).ToArray<float>());
        Assert.Equal([false, true, true], (a >= 2).ToArray<bool>());
        Assert.Equal([true, true, true], (a < b).ToArray<bool>());
    }

    [Fact]
    public void Operators_IntegersAndFloats_KeepOrWidenTheDType()
    {
        Tensor x = Torch.From<long>(1, 2);

        Assert.Equal(DType.Int64, (x * 2).DType);
        Assert.Equal(DType.Float32, (x * 2.0).DType);
        Assert.Equal(DType.Float32, (x / 2).DType);
    }

    [Fact]
    public void Add_ShapesBroadcast_AsInPyTorch()
    {
        Tensor sum = Torch.Ones([2, 1]) + Torch.Ones([3]);

        Assert.Equal([2, 3], sum.Shape.ToArray());
        Assert.Equal(12, sum.Sum().ToDouble());
    }

    [Fact]
    public void InPlace_SameTensorComesBackChanged()
    {
        Tensor x = Vector(1, 2, 3);

        Assert.Same(x, x.AddInPlace(Vector(1, 1, 1), 2).MultiplyInPlace(10));
        Assert.Equal([30, 40, 50], x.ToArray<float>());
        Assert.Equal([1, 2, 3], x.CopyFrom(Vector(1, 2, 3)).ToArray<float>());
        Assert.Equal([0, 0, 0], x.ZeroInPlace().ToArray<float>());
    }

    [Fact]
    public void AsSpan_Written_ChangesTheTensor()
    {
        Tensor x = Torch.Zeros([2, 2]);

        x.AsSpan<float>()[3] = 7;

        Assert.Equal(7, x[1, 1].ToSingle());
    }

    [Fact]
    public void AsSpan_NotContiguous_SaysWhatToDo()
    {
        Tensor x = Torch.Zeros([2, 3]).T();

        var e = Assert.Throws<InvalidOperationException>(() => x.AsSpan<float>().Length);

        Assert.Contains("float32[3, 2] on cpu", e.Message, StringComparison.Ordinal);
        Assert.Contains("Contiguous()", e.Message, StringComparison.Ordinal);
        Assert.Equal(6, x.Contiguous().AsSpan<float>().Length);
    }

    [Fact]
    public void ToArray_OtherType_NamesBoth()
    {
        var e = Assert.Throws<InvalidOperationException>(() => Torch.Zeros([2]).ToArray<double>());

        Assert.Equal("float32[2] holds no Double. Convert it first: To(DType.Float64).", e.Message);
    }

    [Fact]
    public void ToArray_Transposed_IsInRowMajorOrder() => Assert.Equal(
        [1, 3, 2, 4], Matrix(new float[,] { { 1, 2 }, { 3, 4 } }).T().ToArray<float>());

    [Fact]
    public void Over_MemoryOfTheCaller_IsSharedAndGivenBack()
    {
        float[] memory = [1, 2, 3];
        Tensor x = Torch.Over<float>(memory, 3);
        Tensor view = x[1..];

        x.MultiplyInPlace(2);
        memory[2] = 9;
        x.Dispose();

        Assert.Equal([2, 4, 9], memory);
        Assert.Equal([4, 9], view.ToArray<float>());
    }

    [Fact]
    public void Item_SeveralElements_NamesTheShape()
    {
        var e = Assert.Throws<TorchOperatorException>(() => Torch.Zeros([2, 3]).ToDouble());

        Assert.StartsWith("item(float32[2, 3]) failed: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_AfterDispose_Throw()
    {
        Tensor x = Torch.Zeros([2]);
        x.Dispose();
        x.Dispose();

        Assert.True(x.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => x.Dimensions);
        Assert.Throws<ObjectDisposedException>(() => x + 1);
        Assert.Equal("Tensor (freed)", x.ToString());
    }

    [Fact]
    public void ToString_Tensor_IsLibtorchsText() =>
        Assert.Contains("[ CPUFloatType{2} ]", Vector(1, 2).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Complex64)]
    [InlineData(DType.Complex128)]
    [InlineData(DType.Bool)]
    [InlineData(DType.BFloat16)]
    public void Zeros_EveryDType_HasItsSize(DType dtype)
    {
        Tensor x = Torch.Zeros([3], dtype);

        Assert.Equal(dtype, x.DType);
        Assert.Equal(3 * dtype.Bytes(), x.AsBytes().Length);
        Assert.Equal(dtype, x.To(DType.Float32).To(dtype).DType);
    }

    [Fact]
    public void Factories_Sequences_AsInPyTorch()
    {
        Assert.Equal([0, 1, 2], Torch.Arange(0, 3).ToArray<long>());
        Assert.Equal([1, 0.5f], Torch.Arange(1.0, 0.4, -0.5, DType.Float32).ToArray<float>());
        Assert.Equal([0, 0.5f, 1], Torch.Linspace(0, 1, 3).ToArray<float>());
        Assert.Equal([1, 0, 0, 1], Torch.Eye(2).ToArray<float>());
        Assert.Equal([2.5f, 2.5f], Torch.Full([2], 2.5).ToArray<float>());
        Assert.Equal(3, Torch.Scalar(3, DType.Int64).ToInt64());
        Assert.Equal(0, Torch.Empty([0, 4]).ElementCount);
    }
}
