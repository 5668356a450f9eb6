namespace Lepton.Learning;

/// <summary>
/// A single decision tree: gini, exact thresholds halfway between neighbouring values. Immutable and thread safe.
/// Fitting takes O(features × rows × log rows × depth) time and about 4 bytes for each value of the table.
/// Source: scikit-learn <c>DecisionTreeClassifier</c>.
/// </summary>
public sealed record DecisionTreeClassifier : IClassifier
{
    /// <summary>The longest way from the root to a leaf, at least 1; null for no bound. Default: null.</summary>
    public int? MaxDepth { get; init; }

    /// <summary>A node with fewer rows stays a leaf; at least 2. Default: 2.</summary>
    public int MinSamplesSplit { get; init; } = 2;

    /// <summary>A split must leave so many rows on each side; at least 1. Default: 1.</summary>
    public int MinSamplesLeaf { get; init; } = 1;

    /// <summary>How many features a split looks at. Default: all.</summary>
    public MaxFeatures MaxFeatures { get; init; } = MaxFeatures.All;

    /// <summary>How much each class counts. Default: every row once.</summary>
    public ClassWeights ClassWeights { get; init; } = ClassWeights.None;

    /// <summary>Decides between equally good splits of different features. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <inheritdoc cref="IClassifier.Fit"/>
    public DecisionTreeModel Fit(LabeledTable table, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        table.RequireClasses();
        List<string> problems = [];
        TreeSettings settings = TreeSettings.Resolve(
            table, (MaxDepth, MinSamplesSplit, MinSamplesLeaf), MaxFeatures, ClassWeights, problems);
        LearningOptionsException.ThrowIfAny("DecisionTreeClassifier", problems);
        TreeGrower grower = new(new RankedTable(table), settings);
        DecisionTree tree = grower.Grow(Seed, bootstrap: false, cancellationToken);
        return new DecisionTreeModel(table.Features.Names, table.ClassNames, tree);
    }

    ClassifierModel IClassifier.Fit(LabeledTable table, CancellationToken cancellationToken) =>
        Fit(table, cancellationToken);
}
