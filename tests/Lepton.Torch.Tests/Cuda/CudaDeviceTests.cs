namespace Lepton.Torch.Tests.Cuda;

public sealed class CudaDeviceTests : CudaTest
{
    private const long Bytes = 64 << 20;

    [Fact]
    public void NameOf_AndCount_AreTheMachines()
    {
        Assert.True(CudaDevices.Count >= 1);
        Assert.NotEqual("", CudaDevices.NameOf());
        TestContext.Current.TestOutputHelper?.WriteLine(CudaDevices.NameOf());
    }

    [Fact]
    public void NameOf_NoSuchGpu_SaysHowManyThereAre()
    {
        var e = Assert.Throws<TorchOperatorException>(() => CudaDevices.NameOf(99));

        Assert.Contains("there is no cuda:99", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryOf_TensorComesAndGoes_IsCounted()
    {
        CudaMemory before = CudaDevices.MemoryOf();
        Tensor x = Torch.Empty([Bytes], DType.UInt8, Gpu);
        CudaMemory during = CudaDevices.MemoryOf();
        x.Dispose();
        CudaMemory after = CudaDevices.MemoryOf();

        Assert.Equal(before.AllocatedBytes + Bytes, during.AllocatedBytes);
        Assert.Equal(before.AllocatedBytes, after.AllocatedBytes);
        Assert.True(after.AllocatedBytesPeak >= during.AllocatedBytes);
        Assert.True(during.ReservedBytes >= during.AllocatedBytes);
        Assert.InRange(during.FreeBytes, 0, during.TotalBytes);
        CudaDevices.EmptyCache();
        Assert.True(CudaDevices.MemoryOf().ReservedBytes < during.ReservedBytes);
    }

    [Fact]
    public void Empty_MoreThanTheGpuHas_SaysSoAndTheNextOneFits()
    {
        var e = Assert.Throws<TorchMemoryException>(
            () => Torch.Empty([CudaDevices.MemoryOf().TotalBytes * 2], DType.UInt8, Gpu));

        Assert.Contains("out of memory", e.Message, StringComparison.Ordinal);
        Assert.Equal(4, Torch.Ones([4], device: Gpu).Sum().ToInt64());
        CudaDevices.Synchronize();
    }

    [Fact]
    public void Generator_SameSeedOnTheGpu_DrawsTheSame()
    {
        using Generator one = Generator.FromSeed(5, Gpu);
        using Generator other = Generator.FromSeed(5, Gpu);
        float[] first = Torch.Randn([100], device: Gpu, generator: one).ToArray<float>();

        Assert.Equal(first, Torch.Randn([100], device: Gpu, generator: other).ToArray<float>());
        Assert.NotEqual(first, Torch.Randn([100], device: Gpu, generator: one).ToArray<float>());
        one.ManualSeed(5);
        Assert.Equal(first, Torch.Randn([100], device: Gpu, generator: one).ToArray<float>());
        Assert.Equal(5ul, other.InitialSeed);
        Assert.Equal(Gpu, Torch.RandPerm(10, one).Device);
    }

    [Fact]
    public void Generator_StateTakenAndSet_Repeats()
    {
        using Generator generator = Generator.DefaultOf(Gpu);
        Torch.Rand([3], device: Gpu);
        byte[] state = generator.GetState();
        float[] first = Torch.Rand([100], device: Gpu).ToArray<float>();

        generator.SetState(state);

        Assert.Equal(first, Torch.Rand([100], device: Gpu).ToArray<float>());
    }

    [Fact]
    public void ManualSeed_SeedsTheGpuToo()
    {
        Torch.ManualSeed(3);
        float[] first = Torch.Rand([100], device: Gpu).ToArray<float>();

        Torch.ManualSeed(3);

        Assert.Equal(first, Torch.Rand([100], device: Gpu).ToArray<float>());
    }
}
