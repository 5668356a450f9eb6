namespace Lepton.Torch.Tests.Tensors;

public sealed class RandomTests : TorchTest
{
    [Fact]
    public void ManualSeed_Same_SameDraws()
    {
        Torch.ManualSeed(42);
        float[] first = Torch.Randn([5]).ToArray<float>();
        Torch.ManualSeed(42);

        Assert.Equal(first, Torch.Randn([5]).ToArray<float>());
    }

    /// <summary>PyTorch 1.13: <c>torch.manual_seed(0); torch.rand(3)</c> and <c>torch.randn(3)</c>.</summary>
    [Fact]
    public void ManualSeed_Zero_GivesPyTorchsNumbers()
    {
        Torch.ManualSeed(0);
        Assert.Equal([0.4963f, 0.7682f, 0.0885f], Torch.Rand([3]).ToArray<float>(), Near);
        Torch.ManualSeed(0);
        Assert.Equal([1.5410f, -0.2934f, -2.1788f], Torch.Randn([3]).ToArray<float>(), Near);
    }

    [Fact]
    public void Generator_OfItsOwn_IsApartFromTheDefault()
    {
        using Generator generator = Generator.FromSeed(7);
        float[] first = Torch.Rand([4], generator: generator).ToArray<float>();
        _ = Torch.Rand([100]);
        generator.ManualSeed(7);

        Assert.Equal(first, Torch.Rand([4], generator: generator).ToArray<float>());
        Assert.Equal(7ul, generator.InitialSeed);
    }

    [Fact]
    public void Generator_StateSetBack_WhatFollowsRepeats()
    {
        using Generator generator = Generator.FromSeed(7);
        _ = Torch.RandPerm(10, generator);
        byte[] state = generator.GetState();
        long[] next = Torch.RandInt(0, 1000, [10], generator: generator).ToArray<long>();

        generator.SetState(state);

        Assert.Equal(next, Torch.RandInt(0, 1000, [10], generator: generator).ToArray<long>());
        Assert.Throws<TorchOperatorException>(() => generator.SetState([1, 2, 3]));
    }

    [Fact]
    public void Draws_EachKind_AreWithinTheirBounds()
    {
        Tensor x = Torch.Empty([1000]);

        Assert.True(x.UniformInPlace(2, 3).Min().ToDouble() >= 2 && x.Max().ToDouble() <= 3);
        Assert.Equal(5, x.NormalInPlace(5, 0.1).Mean().ToDouble(), 0.05);
        Assert.Equal(0.3, x.BernoulliInPlace(0.3).Mean().ToDouble(), 0.1);
        Assert.Equal(0.5, x.ExponentialInPlace(2).Mean().ToDouble(), 0.1);
        Assert.Equal(
            Enumerable.Range(0, 10).Select(static i => (long)i), Torch.RandPerm(10).Sort().Values.ToArray<long>());
        Assert.Equal([1, 1], Torch.Multinomial(Vector(0, 1), 2, replacement: true).ToArray<long>());
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) < 1e-4;
}
