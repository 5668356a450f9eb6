using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism;

public sealed class DistributedDataParallelTests : TrainingTest
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void BytesSent_WithoutCompression_AreWhatGoesThroughSockets(int size) => GroupThreads.Run(size, group =>
    {
        const int Steps = 3;
        using var model = new Linear(200, 100);
        using var parallelism = new DistributedDataParallel(group);
        parallelism.Attach(model);
        long before = group.BytesSent!.Value;
        for (int step = 0; step < Steps; step++)
        {
            parallelism.ForwardBackward(2, _ => model.Forward(Ones([4, 200])).Sum());
        }

        long gradients = ((200 * 100) + 100) * sizeof(float);
        Assert.Equal(Steps * (gradients * 2 * (size - 1) / size), parallelism.BytesSent);

        // Beside them ranks agree once on the order of buckets.
        Assert.InRange(group.BytesSent.Value - before - parallelism.BytesSent, -1024, 1024);
    });
}
