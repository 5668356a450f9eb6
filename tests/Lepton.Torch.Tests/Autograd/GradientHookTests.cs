namespace Lepton.Torch.Tests.Autograd;

public sealed class GradientHookTests : TorchTest
{
    [Fact]
    public void Hook_Gradient_IsSeenAndReplaced()
    {
        Tensor x = Vector(1, 2);
        x.RequiresGrad = true;
        float[] seen = [];
        using GradientHook hook = x.AddGradientHook(gradient =>
        {
            seen = gradient.ToArray<float>();
            return gradient * 10;
        });

        (x * 3).Sum().Backward();

        Assert.Equal([3, 3], seen);
        Assert.Equal([30, 30], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Hook_NullResult_LeavesTheGradient()
    {
        Tensor x = Vector(1);
        x.RequiresGrad = true;
        int calls = 0;
        GradientHook hook = x.AddGradientHook(_ =>
        {
            calls++;
            return null;
        });

        (x * 3).Sum().Backward();
        hook.Dispose();
        hook.Dispose();
        (x * 3).Sum().Backward();

        Assert.Equal(1, calls);
        Assert.Equal(6, x.Grad!.ToSingle());
    }

    [Fact]
    public void Hook_Throws_ComesOutOfBackwardAsItIs()
    {
        Tensor x = Vector(1);
        x.RequiresGrad = true;
        using GradientHook hook = x.AddGradientHook(static _ => throw new FormatException("from the hook"));
        Tensor y = (x * 3).Sum();

        Assert.Equal("from the hook", Assert.Throws<FormatException>(() => y.Backward()).Message);
    }

    [Fact]
    public void Hook_TensorFreed_FunctionIsLetGo()
    {
        WeakReference function = Hooked();
        for (int i = 0; i < 3 && function.IsAlive; i++)
        {
            GC.Collect();
        }

        Assert.False(function.IsAlive);
    }

    private static WeakReference Hooked()
    {
        var holder = new object();
        using var scope = new TensorScope();
        Tensor x = Vector(1);
        x.RequiresGrad = true;
        _ = x.AddGradientHook(gradient => holder is null ? gradient : null);
        return new WeakReference(holder);
    }
}
