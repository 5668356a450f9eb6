namespace Lepton.Torch.Tests.Autograd;

public sealed class GradientTests : TorchTest
{
    [Fact]
    public void Backward_Product_LeavesHaveGradients()
    {
        Tensor x = Vector(1, 2, 3);
        x.RequiresGrad = true;

        Tensor y = (x * x).Sum();
        y.Backward();

        Assert.Equal([2, 4, 6], x.Grad!.ToArray<float>());
        Assert.True(x.IsLeaf);
        Assert.Equal("SumBackward0", y.GradFunction());
        Assert.Null(x.GradFunction());
    }

    [Fact]
    public void Backward_Twice_GradientsAddUp()
    {
        Tensor x = Vector(1);
        x.RequiresGrad = true;

        (x * 3).Sum().Backward();
        (x * 4).Sum().Backward();
        Assert.Equal(7, x.Grad!.ToSingle());

        TensorGradients.ZeroGradients([x], toNull: false);
        Assert.Equal(0, x.Grad!.ToSingle());
        TensorGradients.ZeroGradients([x]);
        Assert.Null(x.Grad);
    }

    [Fact]
    public void Backward_OfAVectorWithoutGradient_SaysWhy()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;

        var e = Assert.Throws<TorchOperatorException>(() => (x * 2).Backward());

        Assert.StartsWith(
            "backward(float32[2], none) failed: grad can be implicitly created only for scalar outputs", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_WithGradientAndRetainedGraph_RunsAgain()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;
        Tensor y = x * x;

        y.Backward(Vector(1, 10), retainGraph: true);
        y.Backward(Vector(1, 10));

        Assert.Equal([4, 80], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void NoGrad_Operators_AreNotRecorded()
    {
        Tensor x = Vector(1);
        x.RequiresGrad = true;

        using (Torch.NoGrad())
        {
            Assert.False((x * 2).RequiresGrad);
            using (Torch.EnableGrad())
            {
                Assert.True((x * 2).RequiresGrad);
            }

            Assert.False(Torch.IsGradEnabled);
        }

        Assert.True((x * 2).RequiresGrad);
        Assert.False(x.Detach().RequiresGrad);
        using (Torch.Inference())
        {
            Assert.False((x * 2).RequiresGrad);
        }
    }

    [Fact]
    public void RequiresGrad_Integers_Refused()
    {
        Tensor x = Torch.From<long>(1);

        var e = Assert.Throws<TorchOperatorException>(() => x.RequiresGrad = true);

        Assert.Contains("only floating-point and complex tensors have gradients", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_OfGradients_ByCreateGraph()
    {
        Tensor x = Vector(3);
        x.RequiresGrad = true;

        Tensor first = TensorGradients.Gradients([x * x * x], [x], createGraph: true)[0]!;
        Tensor second = TensorGradients.Gradients([first], [x])[0]!;

        Assert.Equal(27, first.ToSingle());
        Assert.Equal(18, second.ToSingle());
        Assert.Null(x.Grad);
    }

    [Fact]
    public void Gradients_UnusedInput_NullOrRefused()
    {
        Tensor x = Vector(3);
        Tensor unused = Vector(1);
        x.RequiresGrad = unused.RequiresGrad = true;

        Assert.Null(TensorGradients.Gradients([x * 2], [unused], allowUnused: true)[0]);
        Assert.Throws<TorchOperatorException>(() => TensorGradients.Gradients([x * 2], [unused]));
    }

    [Fact]
    public void RetainGrad_OfAStepBetween_HasItsGradient()
    {
        Tensor x = Vector(3);
        x.RequiresGrad = true;
        Tensor y = x * 2;
        Assert.Null(y.Grad);
        y.RetainGrad();

        (y * y).Sum().Backward();

        Assert.Equal(12, y.Grad!.ToSingle());
    }

    [Fact]
    public void ClipGradients_LargeNorm_ScaledToTheLimit()
    {
        Tensor x = Vector(3, 4);
        x.RequiresGrad = true;
        (x * x).Sum().Backward();

        double before = TensorGradients.ClipGradients([x], 1);

        Assert.Equal(10, before, 1e-5);
        Assert.Equal(1, x.Grad!.Norm().ToDouble(), 1e-5);
    }

    [Fact]
    public void Grad_SetToOtherShape_Refused()
    {
        Tensor x = Vector(3, 4);

        var e = Assert.Throws<TorchOperatorException>(() => x.Grad = Vector(1));

        Assert.Contains(
            "grad(float32[2], float32[1]) failed: a gradient has the shape", e.Message, StringComparison.Ordinal);
        x.Grad = Vector(1, 1);
        Assert.Equal([1, 1], x.Grad.ToArray<float>());
        x.Grad = null;
        Assert.Null(x.Grad);
    }
}
