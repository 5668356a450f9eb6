namespace Lepton.Torch.Tests.Tensors;

public sealed class TensorIndexTests : TorchTest
{
    private readonly Tensor _x;

    public TensorIndexTests() => _x = Torch.Arange(0, 24).Reshape(2, 3, 4);

    [Fact]
    public void Index_Numbers_TakeDimensionsAway()
    {
        Assert.Equal([3, 4], _x[1].Shape.ToArray());
        Assert.Equal([16, 17, 18, 19], _x[1, 1].ToArray<long>());
        Assert.Equal(23, _x[^1, ^1, ^1].ToInt64());
        Assert.Equal(23, _x[-1, -1, -1].ToInt64());
    }

    [Fact]
    public void Index_Ranges_KeepDimensions()
    {
        Assert.Equal([2, 3, 4], _x[..].Shape.ToArray());
        Assert.Equal([5, 6, 9, 10], _x[0, 1.., 1..3].ToArray<long>());
        Assert.Equal([8, 9, 10], _x[0, 2, ..^1].ToArray<long>());
        Assert.Equal([2, 0, 4], _x[.., 3.., ..].Shape.ToArray());
        Assert.Equal([0, 2], _x[0, 0, TensorIndex.Slice(step: 2)].ToArray<long>());
    }

    [Fact]
    public void Index_EllipsisAndNewAxis_AsInPyTorch()
    {
        Assert.Equal([2, 3], _x[TensorIndex.Ellipsis, 0].Shape.ToArray());
        Assert.Equal([2, 1, 3, 4], _x[.., TensorIndex.NewAxis].Shape.ToArray());
        Assert.Equal([2, 4, 1], _x[.., 0, TensorIndex.Ellipsis, TensorIndex.NewAxis].Shape.ToArray());
    }

    [Fact]
    public void Index_Tensors_GiveCopiesOfElements()
    {
        Assert.Equal([3, 0, 7, 4], _x[0, ..2, Torch.From<long>(3, 0)].ToArray<long>());
        Assert.Equal([22, 23], _x[_x > 21].ToArray<long>());
        Assert.Equal([2, 2, 4], _x[.., Torch.From(true, false, true)].Shape.ToArray());
    }

    [Fact]
    public void Index_MaskOfSeveralDimensions_TakesTheirPlace()
    {
        Tensor mask = Torch.Zeros([2, 3], DType.Bool);
        mask[1, 2] = Torch.Scalar(true, DType.Bool);

        Assert.Equal([1, 4], _x[mask].Shape.ToArray());
        Assert.Equal([21], _x[mask, 1].ToArray<long>());
    }

    [Fact]
    public void Index_View_SharesMemory()
    {
        _x[0, 0][1..3].FillInPlace(-1);

        Assert.Equal([0, -1, -1, 3], _x[0, 0].ToArray<long>());
    }

    [Fact]
    public void SetIndex_RangesAndTensors_CopyWithBroadcasting()
    {
        _x[1, .., 0] = Torch.Scalar(9, DType.Int64);
        _x[_x < 2] = Torch.Scalar(7, DType.Int64);

        Assert.Equal([9, 9, 9], _x[1, .., 0].ToArray<long>());
        Assert.Equal([7, 7, 2, 3], _x[0, 0].ToArray<long>());
    }

    [Fact]
    public void Index_OutOfRange_NamesDimensionAndShape()
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _x[0, 3]);

        Assert.Contains(
            "Index 3 is outside of dimension 0 of int64[3, 4], which has size 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Index_TooMany_SaysHowMany()
    {
        var e = Assert.Throws<ArgumentException>(() => _x[0, 0, 0, 0]);

        Assert.Contains("int64[2, 3, 4] has 3 dimensions; 4 are indexed", e.Message, StringComparison.Ordinal);
    }
}
