using FsCheck;
using FsCheck.Fluent;
using Lepton.Training.Data;

namespace Lepton.Training.Tests.Data;

public sealed class DistributedSamplerTests
{
    [Fact]
    public void IndicesOf_AnyRanks_EachSampleOnceAndEachBatchTheSame() => Prop.ForAll<byte, byte, byte>(
        (samplesRaw, ranksRaw, extraRaw) =>
        {
            int samples = 1 + samplesRaw;
            int ranks = 1 + (ranksRaw % 6);
            int batchSize = ranks + (extraRaw % 20);
            var alone = new DistributedSampler(samples, batchSize, seed: 5);
            var seen = new List<long>();
            for (long batch = 0; batch < alone.BatchesPerEpoch; batch++)
            {
                var position = new SamplePosition(3, batch);
                long[] together = [.. Enumerable.Range(0, ranks).SelectMany(
                    rank => new DistributedSampler(samples, batchSize, rank, ranks, seed: 5).IndicesOf(position))];
                Assert.Equal(alone.SizeOf(batch), together.Length);
                Assert.Equal(alone.IndicesOf(position).Order(), together.Order());
                seen.AddRange(together);
            }

            Assert.Equal(Enumerable.Range(0, samples).Select(static i => (long)i), seen.Order());
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Fact]
    public void IndicesOf_OtherEpochOrSeed_OtherOrder()
    {
        long[] order = new DistributedSampler(1000, 1000, seed: 1).IndicesOf(new SamplePosition(0, 0));

        Assert.NotEqual(order, new DistributedSampler(1000, 1000, seed: 1).IndicesOf(new SamplePosition(1, 0)));
        Assert.NotEqual(order, new DistributedSampler(1000, 1000, seed: 2).IndicesOf(new SamplePosition(0, 0)));
        Assert.Equal(order, new DistributedSampler(1000, 1000, seed: 1).IndicesOf(new SamplePosition(0, 0)));
    }

    [Fact]
    public void Constructor_BatchSmallerThanRanks_Refused() => Assert.Contains(
        "give a batch size of 4 or more",
        Assert.Throws<ArgumentOutOfRangeException>(() => new DistributedSampler(10, 3, 0, 4)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Split_Folds_EachSampleValidatedOnce()
    {
        var folds = KFold.Split(103, 5, seed: 1);

        Assert.Equal(Enumerable.Range(0, 103).Select(static i => (long)i), folds.SelectMany(f => f.Validate).Order());
        Assert.All(folds, static fold =>
        {
            Assert.Empty(fold.Train.Intersect(fold.Validate));
            Assert.Equal(103, fold.Train.Count + fold.Validate.Count);
            Assert.InRange(fold.Validate.Count, 20, 21);
        });
    }
}
