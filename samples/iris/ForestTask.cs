using Lepton.Compute.Datasets;
using Lepton.Learning;

namespace Iris;

/// <summary>
/// A random forest as MapReduce: Map grows a few trees, Reduce makes a forest of all of them. The object travels to
/// the workers with its
/// fields, the table included. A tree depends on the table, the settings and its own number alone; so it does not
/// matter who grows which.
/// </summary>
internal sealed class ForestTask(RandomForestClassifier forest, LabeledTable table)
    : DistributedTask<TreeRange, List<GrownTree>, RandomForestModel>
{
    public override List<GrownTree> Map(TreeRange input) =>
        [.. forest.FitTrees(table, Enumerable.Range(input.First, input.Count))];

    public override RandomForestModel Reduce(IEnumerable<List<GrownTree>> partials) =>
        forest.Merge(table.Features.Names, table.ClassNames, partials.SelectMany(trees => trees));
}
