using Lepton.Compute.Execution;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Plans;

internal sealed class SampleNode<T>(PlanNode<T> parent, double fraction, ulong seed) : NarrowNode<T, T>(parent),
    IKeepsSize
{
    public override string Label => "Sample";

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        var random = new SeededRandom(SeededRandom.DeriveSeed(seed, (ulong)partition));
        foreach (T record in Parent.Compute(partition, context))
        {
            if (random.NextDouble() < fraction)
            {
                yield return record;
            }
        }
    }
}
