using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Modules;

public sealed class BadInputTests : TorchTest
{
    private static readonly Dictionary<string, (Func<Tensor> Call, string[] Words)> s_cases = new()
    {
        ["linear shape"] = (
            () => new Linear(3, 2).Forward(Torch.Ones([4, 5])),
            ["aten::linear(float32[4, 5], float32[2, 3], float32[2]) failed", "4x5 and 3x2"]),
        ["linear dtype"] = (
            () => new Linear(3, 2).Forward(Torch.Ones([4, 3], DType.Float64)),
            ["aten::linear(float64[4, 3], float32[2, 3], float32[2]) failed"]),
        ["linear integers"] = (
            () => new Linear(3, 2).Forward(Torch.Ones([4, 3], DType.Int64)), ["aten::linear(int64[4, 3]"]),
        ["conv channels"] = (
            () => new Conv2d(3, 2, 3).Forward(Torch.Ones([1, 4, 5, 5])),
            ["aten::conv2d(float32[1, 4, 5, 5], float32[2, 3, 3, 3]", "expected input[1, 4, 5, 5] to have 3 channels"]),
        ["conv too small"] = (
            () => new Conv1d(3, 2, 9).Forward(Torch.Ones([1, 3, 5])),
            ["aten::conv1d(float32[1, 3, 5]", "Kernel size can't be greater than actual input size"]),
        ["embedding dtype"] = (
            () => new Embedding(3, 2).Forward(Torch.Ones([4])), ["aten::embedding(float32[3, 2], float32[4]) failed"]),
        ["embedding index"] = (
            () => new Embedding(3, 2).Forward(Torch.From<long>(3)), ["aten::embedding(", "index out of range"]),
        ["layer norm"] = (
            () => new LayerNorm(3).Forward(Torch.Ones([2, 4])),
            ["aten::layer_norm(float32[2, 4], float32[3]", "normalized_shape=[3]"]),
        ["batch norm shape"] = (
            () => new BatchNorm1d(3).Forward(Torch.Ones([2, 3, 4, 5])),
            ["BatchNorm1d(float32[2, 3, 4, 5]) failed: [n, channels] or [n, channels, length] was expected"]),
        ["batch norm channels"] = (
            () => new BatchNorm2d(3).Forward(Torch.Ones([2, 4, 5, 5])), ["aten::batch_norm(float32[2, 4, 5, 5]"]),
        ["group norm"] = (
            () => new GroupNorm(2, 4).Forward(Torch.Ones([2, 6, 5])), ["aten::group_norm(float32[2, 6, 5]"]),
        ["max pool"] = (
            () => new MaxPool2d(2).Forward(Torch.Ones([2, 6])), ["aten::max_pool2d(float32[2, 6]"]),
        ["glu odd"] = (() => new GLU().Forward(Torch.Ones([2, 5])), ["aten::glu(float32[2, 5], -1) failed", "even"]),
        ["lstm shape"] = (
            () => new LSTM(3, 4).Forward(Torch.Ones([2, 3])).Output,
            ["LSTM(float32[2, 3]) failed: [time, n, 3] was expected"]),
        ["gru state"] = (
            () => new GRU(3, 4).Forward(Torch.Ones([5, 2, 3]), Torch.Ones([1, 3, 4])).Output,
            ["GRU(float32[1, 3, 4]) failed: a state [1, 2, 4] was expected"]),
        ["attention width"] = (
            () => Attend(Torch.Ones([4, 2, 6])),
            ["MultiheadAttention(float32[4, 2, 6]) failed: [.., 8] was expected"]),
        ["attention mask"] = (
            () => Attend(Torch.Ones([4, 2, 8]), Torch.Ones([4, 5], DType.Bool)),
            ["MultiheadAttention(bool[4, 5]) failed: an attention mask of bool or floats [4, 4] or [4, 4, 4]"]),
        ["attention mask dtype"] = (
            () => Attend(Torch.Ones([4, 2, 8]), Torch.Ones([4, 4], DType.Int64)), ["MultiheadAttention(int64[4, 4])"]),
        ["attention lengths"] = (
            () => new MultiheadAttention(8, 2).Forward(
                Torch.Ones([4, 2, 8]), Torch.Ones([5, 2, 8]), Torch.Ones([6, 2, 8])).Output,
            ["MultiheadAttention(float32[4, 2, 8], float32[5, 2, 8], float32[6, 2, 8]) failed: keys and values must"]),
        ["pooling"] = (
            () => new AttentionPooling(3, 2).Forward(Torch.Ones([4, 3])),
            ["AttentionPooling(float32[4, 3]) failed: [n, time, 3] was expected"]),
        ["cross entropy dtype"] = (
            () => new CrossEntropyLoss().Forward(Torch.Ones([4, 3]), Torch.Ones([4], DType.Int32)),
            ["aten::cross_entropy_loss(float32[4, 3], int32[4]", "Long"]),
        ["cross entropy class"] = (
            () => new CrossEntropyLoss().Forward(Torch.Ones([1, 3]), Torch.From<long>(3)),
            ["aten::cross_entropy_loss(float32[1, 3], int64[1]", "Target 3 is out of bounds"]),
        ["cross entropy weights"] = (
            () => new CrossEntropyLoss(Torch.Ones([2])).Forward(Torch.Ones([1, 3]), Torch.From<long>(1)),
            ["aten::cross_entropy_loss(", "float32[2]"]),
        ["mse shapes"] = (
            () => new MSELoss().Forward(Torch.Ones([4, 3]), Torch.Ones([2])),
            ["aten::mse_loss(float32[4, 3], float32[2]) failed"]),
        ["bce range"] = (
            () => new BCELoss().Forward(Torch.Full([2], 3), Torch.Ones([2])), ["aten::binary_cross_entropy("]),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_WhatDoesNotFit_NamesOperatorAndShapes(string name)
    {
        var e = Assert.ThrowsAny<TorchException>(() => s_cases[name].Call());

        foreach (string words in s_cases[name].Words)
        {
            Assert.Contains(words, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Constructors_SizesOutOfBounds_Refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(3, 2, padding: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LSTM(1, 1, new() { Layers = 0 }));
        Assert.Throws<ArgumentException>(() => new MultiheadAttention(7, 2));
        Assert.Throws<ArgumentException>(() => new GroupNorm(3, 4));
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, groups: 2));
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 0));
        Assert.Throws<ArgumentException>(() => new Conv1d(3, 4, (3, 3)));
        Assert.Throws<ArgumentException>(() => new MaxPool2d(Extent.FromSizes(1, 2, 3)));
        Assert.Throws<ArgumentException>(() => Init.XavierUniform(Torch.Ones([3])));
    }

    private static Tensor Attend(Tensor x, Tensor? mask = null) =>
        new MultiheadAttention(8, 2).Forward(x, x, x, attentionMask: mask).Output;
}
