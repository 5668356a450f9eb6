using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Execution;

/// <summary>What an executor's tasks share. Immutable but for the cache, which is thread safe.</summary>
internal sealed class ExecutorScope(
    string workerName,
    string directory,
    int slots,
    long memoryBudgetBytes,
    RemoteBlocks? remoteBlocks,
    BlockCache cache,
    MemoryWatch memory)
{
    // Half of the budget is for operators, two of which (a reduce and the next map) can stand in one stage. The
    // other half is for cached blocks, records in flight and the runtime.
    private const int OperatorShareDivisor = 4;

    /// <summary>
    /// A cap that a machine's share of memory mostly reaches, so that where operators spill, and with that the order in
    /// which sums are merged, does not depend on how many workers share the machine.
    /// </summary>
    public const long OperatorBytesMax = 256L << 20;
    private const long OperatorBytesMin = 1L << 20;

    public string WorkerName { get; } = workerName;

    /// <summary>A directory that belongs to this executor and ends with it.</summary>
    public string Directory { get; } = directory;

    public int Slots { get; } = slots;

    public long MemoryBudgetBytes { get; } = memoryBudgetBytes;

    /// <summary>Bytes that one operator may hold before it spills: at most 256 MiB, less where the budget is
    /// small.</summary>
    public long OperatorMemoryBytes { get; init; } =
        OperatorBytesOf(memoryBudgetBytes, slots);

    /// <summary>What an operator may hold in a worker of such a budget.</summary>
    public static long OperatorBytesOf(long memoryBudgetBytes, int slots) =>
        Math.Clamp(memoryBudgetBytes / OperatorShareDivisor / slots, OperatorBytesMin, OperatorBytesMax);

    /// <summary>Reads shuffle outputs over HTTP; null where they are read straight from their files.</summary>
    public RemoteBlocks? RemoteBlocks { get; } = remoteBlocks;

    /// <summary>Where tasks write output instead of the folder of their job; null outside of a replay.</summary>
    public string? OutputFolder { get; init; }

    public BlockCache Cache { get; } = cache;

    public MemoryWatch Memory { get; } = memory;
}
