using Lepton.Torch;
using Lepton.Training.Data;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Data;

public sealed class DataLoaderTests : TrainingTest
{
    [Fact]
    public void Read_ATensorOfABatchCanNotBeMoved_FreesAllOfThem()
    {
        long before = SettledCount();

        var loader = new DataLoader(new OneIsGone(), new DistributedSampler(4, 2));

        Assert.Throws<ObjectDisposedException>(() => loader.Read(default).First());
        Assert.Equal(before, LiveTensorCount);
    }

    [Fact]
    public void Read_NoRoomForALaterTensor_FreesTheFirst()
    {
        using Tensor small = Zeros([4, 1]);
        using Tensor large = small.Expand(4, 1L << 44);
        long before = SettledCount();

        var loader = new DataLoader(new TensorDataset(small, large), new DistributedSampler(4, 2));

        Assert.Throws<TorchMemoryException>(() => loader.Read(default).First());
        Assert.Equal(before, LiveTensorCount);
    }

    /// <summary>The second of three tensors is none any more.</summary>
    private sealed class OneIsGone : IDataset
    {
        public long Count => 4;

        public IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices)
        {
            Tensor gone = Zeros([1]);
            gone.Dispose();
            return [From(indices), gone, From(indices)];
        }
    }
}
