using Lepton.Compute.Session;

namespace Lepton.Compute.Tests.Session;

public sealed class WorkerMemoryTests
{
    private const long Gib = 1L << 30;

    [Fact]
    public void BudgetBytes_NotGiven_IsAShareOfTheMachine() =>
        Assert.Equal((long)(8 * Gib * 0.6 / 4), WorkerMemory.BudgetBytes(new LeptonSessionOptions(), 4, 8 * Gib));

    [Fact]
    public void BudgetBytes_Given_IsTaken()
    {
        var options = new LeptonSessionOptions { MemoryPerWorkerBytes = 2 * Gib };
        Assert.Equal(2 * Gib, WorkerMemory.BudgetBytes(options, 4, 8 * Gib));
        Assert.Equal(2 * Gib, WorkerMemory.BudgetBytes(options, 0, Gib));
    }

    [Fact]
    public void Trap75_MoreWorkersThanMemory_NamesTheClosestFit()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            WorkerMemory.BudgetBytes(new LeptonSessionOptions(), 200, 8 * Gib));
        Assert.StartsWith(
            "200 workers don't fit: each needs 64 MiB, and they share 60 % of the 8192 MiB that this machine has. " +
            "Ask for 76 workers at most.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(8 * Gib * 6 / 10 / 76, WorkerMemory.BudgetBytes(new LeptonSessionOptions(), 76, 8 * Gib));
    }

    [Fact]
    public void Trap75_BudgetLargerThanTheMachine_NamesTheClosestFit()
    {
        var options = new LeptonSessionOptions { MemoryPerWorkerBytes = 3 * Gib };
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            WorkerMemory.BudgetBytes(options, 3, 8 * Gib));
        Assert.StartsWith(
            "3 workers of 3072 MiB (MemoryPerWorkerBytes) don't fit: this machine has 8192 MiB. " +
            "Ask for 2 workers at most, or for 2730 MiB each.", refused.Message, StringComparison.Ordinal);
    }
}
