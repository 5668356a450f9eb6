namespace Lepton.Torch.Tests.Memory;

public sealed class TensorScopeTests : TorchTest
{
    [Fact]
    public void Dispose_WhatWasMadeInIt_IsFreed()
    {
        long before = Torch.LiveTensorCount;
        Tensor x;
        using (var scope = new TensorScope())
        {
            x = Torch.Ones([2]);
            Tensor y = x + x;
            (y * y).Dispose();
            Assert.Equal(2, scope.Count);
            Assert.Equal(before + 2, Torch.LiveTensorCount);
        }

        Assert.True(x.IsDisposed);
        Assert.Equal(before, Torch.LiveTensorCount);
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
    }

    [Fact]
    public void Keep_FromInnerScope_LivesInTheOuter()
    {
        Tensor kept;
        using (new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                kept = inner.Keep(Torch.Ones([2]));
            }

            Assert.False(kept.IsDisposed);
            Assert.Equal(1, TensorScope.Current!.Count);
        }

        Assert.True(kept.IsDisposed);
    }

    [Fact]
    public void Persist_InAScope_OutlivesAllScopes()
    {
        Tensor parameter;
        using (new TensorScope())
        {
            parameter = Torch.Ones([2]).Persist();
            _ = Torch.Zeros([1]);
        }

        Assert.Equal([1, 1], parameter.ToArray<float>());
        parameter.Dispose();
    }

    [Fact]
    public void Run_Function_OnlyItsResultIsLeft()
    {
        long before = Torch.LiveTensorCount;

        Tensor result = TensorScope.Run(static () => Torch.Ones([2]) + Torch.Ones([2]) * 2);

        Assert.Equal(before + 1, Torch.LiveTensorCount);
        Assert.Equal([3, 3], result.ToArray<float>());
    }

    [Fact]
    public void Dispose_OuterBeforeInner_SaysSo()
    {
        var outer = new TensorScope();
        using (new TensorScope())
        {
            var e = Assert.Throws<InvalidOperationException>(outer.Dispose);
            Assert.Contains("before one that was opened within it", e.Message, StringComparison.Ordinal);
        }

        outer.Dispose();
    }

    [Fact]
    public void Dispose_OnAnotherThread_SaysSo()
    {
        using var scope = new TensorScope();

        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(scope.Dispose));
        thread.Start();
        thread.Join();

        Assert.Contains("on another thread", Assert.IsType<InvalidOperationException>(thrown).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_TensorOnAnotherThread_ScopeFreesTheRest()
    {
        long before = Torch.LiveTensorCount;
        using (new TensorScope())
        {
            Tensor x = Torch.Ones([2]);
            _ = Torch.Ones([3]);
            var thread = new Thread(x.Dispose);
            thread.Start();
            thread.Join();
            Assert.Equal(before + 1, Torch.LiveTensorCount);
        }

        Assert.Equal(before, Torch.LiveTensorCount);
    }

    [Fact]
    public void Backward_InAScope_GraphAndGradientsGoWithIt()
    {
        long before = Torch.LiveTensorCount;
        Tensor x = Torch.Ones([1000]).Persist();
        x.RequiresGrad = true;
        for (int step = 0; step < 3; step++)
        {
            using var scope = new TensorScope();
            (x * x).Tanh().Sum().Backward();
            x.Grad!.ZeroInPlace();
        }

        Assert.Equal(before + 1, Torch.LiveTensorCount);
        x.Dispose();
    }
}
