namespace Lepton.Compute.Plans;

/// <summary>A guess at how large a data set is, from its sources alone.</summary>
internal static class SourceSize
{
    /// <summary>Bytes that the sources hold; null where a node stands in between that can make more than it reads, or a
    /// shuffle, a join or a generator, and nobody knows.</summary>
    public static long? Estimate(PlanNode node)
    {
        if (node is ISizedSource source)
        {
            return source.EstimateBytes();
        }

        if (node is not IKeepsSize)
        {
            return null;
        }

        long total = 0;
        foreach (PlanNode parent in node.Parents)
        {
            if (Estimate(parent) is not { } bytes)
            {
                return null;
            }

            total += bytes;
        }

        return total;
    }
}
