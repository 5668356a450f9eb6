using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Plans;

/// <summary>
/// The way from a parent to a node through a shuffle: the parent's stage writes, the node's stage reads. Only the
/// identity travels to the readers.
/// </summary>
internal abstract class ShuffleEdge(int shuffleId)
{
    /// <summary>Identifies the shuffle within a session.</summary>
    public int ShuffleId { get; } = shuffleId;

    /// <summary>The last node of the map side.</summary>
    public abstract PlanNode MapParent { get; }

    /// <summary>What the map tasks run.</summary>
    public abstract StageProgram MapProgram(int partitionCount);

    /// <summary>Reads one partition. Runs on a worker.</summary>
    public ShuffleInput Open(TaskContext context, int partition) => new(context, ShuffleId, partition);
}
