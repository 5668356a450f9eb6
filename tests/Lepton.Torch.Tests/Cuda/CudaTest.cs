namespace Lepton.Torch.Tests.Cuda;

/// <summary>A test that needs a GPU: skipped, with the reason, where libtorch can use none.</summary>
public abstract class CudaTest : TorchTest
{
    protected CudaTest()
        : base(needsGpu: true) => CudaDevices.AllowTF32(false);

    /// <summary>The GPU that is tested.</summary>
    protected static Device Gpu => Device.Cuda();

    /// <summary>Asserts that elements differ by a part of the largest at most.</summary>
    protected static void AssertClose(Tensor expected, Tensor actual, double relativeMax = 1e-5)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.Equal(expected.DType, actual.DType);
        Tensor wanted = expected.Detach().To(Device.Cpu).To(DType.Float64);
        Tensor got = actual.Detach().To(Device.Cpu).To(DType.Float64);
        if (wanted.ElementCount > 0 && !wanted.ContentEquals(got))
        {
            double difference = (wanted - got).Abs().Max().ToDouble() /
                Math.Max(wanted.Abs().Max().ToDouble(), double.Epsilon);
            Assert.True(difference <= relativeMax, $"differs by {difference:g3} of the largest element");
        }
    }
}
