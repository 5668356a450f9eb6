using Lepton.Compute.Plans;

namespace Lepton.Compute.Planning;

/// <summary>Walks the nodes that one task computes.</summary>
internal static class StageWalk
{
    /// <summary>True when a node of the stage fits.</summary>
    public static bool Any(PlanNode node, Func<PlanNode, bool> predicate) =>
        predicate(node) || node.Parents.Any(parent => Any(parent, predicate));

    /// <summary>
    /// Visits a node and the nodes it reads from, each with the number of the partition that is read there. The visitor
    /// answers whether to go on behind a node.
    /// </summary>
    public static void Visit(PlanNode node, int partition, Func<PlanNode, int, bool> visitor)
    {
        if (!visitor(node, partition))
        {
            return;
        }

        if (node is IUnion union)
        {
            (int parent, int inner) = union.Locate(partition);
            Visit(node.Parents[parent], inner, visitor);
            return;
        }

        foreach (PlanNode parent in node.Parents)
        {
            Visit(parent, partition, visitor);
        }
    }
}
