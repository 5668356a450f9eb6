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

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Read_AnotherNumberOfRowsThanOfSamples_IsRefused(int rows)
    {
        long before = SettledCount();
        var loader = new DataLoader(new Rows(rows), new DistributedSampler(4, 2));

        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => loader.Read(default).First());

        Assert.StartsWith($"Rows.Read gave float32[{rows}, 5] for 2 samples", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, LiveTensorCount);
    }

    private sealed class Rows(int rows) : IDataset
    {
        public long Count => 4;

        public IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices) => [From(indices), Zeros([rows, 5])];
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
