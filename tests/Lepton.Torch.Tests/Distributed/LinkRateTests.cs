using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>The meter and the token bucket of the transport.</summary>
public sealed class LinkRateTests : TorchTest
{
    private const int Elements = 10_000;

    public LinkRateTests()
        : base(needsOwnGloo: true)
    {
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void BytesSent_AllReduceOverSockets_AreThoseOfARing(int size) => Ranks.Run(
        size,
        group =>
        {
            long before = group.BytesSent!.Value;
            group.AllReduce(Torch.Ones([Elements])).Wait();

            // Parts of the ring are rounded up.
            long expected = sizeof(float) * Elements * 2L * (size - 1) / size;
            Assert.InRange(group.BytesSent.Value - before, expected - 1024, expected + 1024);
        },
        Ranks.Options with { SharesMemory = false });

    [Fact]
    public void BytesSent_SharedMemory_NothingGoesThroughSockets() => Ranks.Run(2, static group =>
    {
        long before = group.BytesSent!.Value;
        Tensor x = Torch.Ones([Elements]);
        group.AllReduce(x).Wait();

        Assert.Equal(2, x[^1].ToInt64());
        Assert.Equal(before, group.BytesSent.Value);
    });

    [Fact]
    public void SendBytesPerSecondMax_Collectives_AreAsWithoutAndTakeSockets() => Ranks.Run(
        2,
        static group =>
        {
            Tensor x = Torch.Full([Elements], group.Rank + 1);
            group.AllReduce(x).Wait();
            Tensor[] all = [Torch.Empty([3]), Torch.Empty([3])];
            group.AllGather(all, Torch.Full([3], group.Rank)).Wait();

            Assert.Equal(3 * Elements, x.Sum().ToInt64());
            Assert.Equal([1, 1, 1], all[1].ToArray<float>());
            Assert.True(group.BytesSent >= sizeof(float) * Elements);
        },
        Ranks.Options with { SendBytesPerSecondMax = 10_000_000 });

    [Fact]
    public void SendBytesPerSecondMax_TooLow_SaysTheBound()
    {
        using Store store = Store.InProcess();

        var e = Assert.Throws<ArgumentException>(() => ProcessGroup.Gloo(
            store, 0, 1, Ranks.Options with { SendBytesPerSecondMax = 10 }));

        Assert.Contains("SendBytesPerSecondMax is 10; it must be 1000 or more", e.Message, StringComparison.Ordinal);
    }
}
