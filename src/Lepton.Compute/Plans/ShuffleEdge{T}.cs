using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Plans;

/// <inheritdoc/>
internal sealed class ShuffleEdge<T>(int shuffleId, PlanNode<T> parent, Func<int, ShuffleMapper<T>> mapper)
    : ShuffleEdge(shuffleId)
{
    [NotSent]
    private readonly PlanNode<T> _parent = parent;

    [NotSent]
    private readonly Func<int, ShuffleMapper<T>> _mapper = mapper;

    public override PlanNode MapParent => _parent;

    public override StageProgram MapProgram(int partitionCount) =>
        new ShuffleMapProgram<T>(_parent, _mapper(partitionCount), partitionCount);
}
