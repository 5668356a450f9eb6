using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Tests.Execution;

/// <summary>What a task has at hand, in a fresh directory that goes with the test.</summary>
internal sealed class TaskBench : IDisposable
{
    private long _lastCopy;

    public TaskBench(
        long operatorBytes = 1 << 20, RemoteBlocks? remote = null, int slots = 1, long budgetBytes = 0)
    {
        Scope = new ExecutorScope(
            "w1", Root, slots, memoryBudgetBytes: budgetBytes > 0 ? budgetBytes : 64 << 20, remote,
            new BlockCache(Root, 1 << 20), new MemoryWatch(budgetBytes))
        {
            OperatorMemoryBytes = operatorBytes,
        };
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("lepton-task-").FullName;

    public ExecutorScope Scope { get; }

    public string[] Files =>
        [.. Directory.GetFiles(Root).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public TaskContext Task(
        int partition = 0, int stage = 1, ShuffleLocations[]? inputs = null,
            CancellationToken cancellation = default) =>
        new(
            Scope,
            new TaskCopyMessage { Copy = ++_lastCopy, Stage = stage, Partition = partition },
            inputs ?? [],
            cancellation);

    public string PathOf(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
