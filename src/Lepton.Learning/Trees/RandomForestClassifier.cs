using Lepton.Core.Randomness;

namespace Lepton.Learning;

/// <summary>
/// Many decision trees, each grown on a bootstrap sample with a few randomly drawn features in each split; their class
/// shares are averaged. Immutable and thread safe. Each tree depends on the table, the settings, the seed and its
/// number alone, so the forest is the same whoever grows which trees in what order: grow parts with
/// <see cref="FitTrees"/> anywhere, join them with <see cref="Merge"/>. Source: scikit-learn
/// <c>RandomForestClassifier</c>; Breiman 2001.
/// </summary>
public sealed record RandomForestClassifier : IClassifier
{
    /// <summary>Number of trees; at least 1. Default: 100.</summary>
    public int NEstimators { get; init; } = 100;

    /// <summary>The longest way from a root to a leaf, at least 1; null for no bound. Default: null.</summary>
    public int? MaxDepth { get; init; }

    /// <summary>A node with fewer rows stays a leaf; at least 2. Default: 2.</summary>
    public int MinSamplesSplit { get; init; } = 2;

    /// <summary>A split must leave so many rows on each side; at least 1. Default: 1.</summary>
    public int MinSamplesLeaf { get; init; } = 1;

    /// <summary>How many features a split looks at. Default: the square root of their number.</summary>
    public MaxFeatures MaxFeatures { get; init; } = MaxFeatures.Sqrt;

    /// <summary>
    /// Whether each tree sees as many rows as the table has, drawn with replacement, instead of all rows once. Default:
    /// true.
    /// </summary>
    public bool Bootstrap { get; init; } = true;

    /// <summary>How much each class counts. Default: every row once.</summary>
    public ClassWeights ClassWeights { get; init; } = ClassWeights.None;

    /// <summary>Decides all draws: rows and features. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <inheritdoc cref="IClassifier.Fit"/>
    public RandomForestModel Fit(LabeledTable table, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        IEnumerable<int> all = Enumerable.Range(0, Math.Max(0, NEstimators));
        return Merge(table.Features.Names, table.ClassNames, FitTrees(table, all, cancellationToken));
    }

    /// <summary>
    /// Grows the trees with these numbers, each when it is asked for. The table is prepared once for the call, so give
    /// a task several trees. Not to be enumerated by two threads; separate calls are independent.
    /// </summary>
    /// <exception cref="LearningDataException">The table is empty or has one class only.</exception>
    /// <exception cref="LearningOptionsException">The settings can't work; all problems are listed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not in 0 to <see cref="NEstimators"/> − 1.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<GrownTree> FitTrees(
        LabeledTable table, IEnumerable<int> treeIndexes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(treeIndexes);
        TreeSettings settings = Resolve(table);
        return Grow();

        IEnumerable<GrownTree> Grow()
        {
            TreeGrower grower = new(new RankedTable(table), settings);
            foreach (int index in treeIndexes)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(treeIndexes));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, NEstimators, nameof(treeIndexes));
                ulong seed = SeededRandom.DeriveSeed(Seed, (ulong)index);
                yield return new GrownTree(index, grower.Grow(seed, Bootstrap, cancellationToken));
            }
        }
    }

    /// <summary>Grows one tree. For several, <see cref="FitTrees"/> prepares the table only once.</summary>
    /// <exception cref="LearningDataException">The table is empty or has one class only.</exception>
    /// <exception cref="LearningOptionsException">The settings can't work; all problems are listed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0 to <see cref="NEstimators"/> −
    /// 1.</exception>
    public GrownTree FitTree(LabeledTable table, int treeIndex) => FitTrees(table, [treeIndex]).Single();

    /// <summary>Joins trees, in any order, to the forest; they stand in it by their numbers.</summary>
    /// <exception cref="LearningDataException">A tree is missing, stands twice, or has a number beyond
    /// <see cref="NEstimators"/>.</exception>
    public RandomForestModel Merge(
        IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames, IEnumerable<GrownTree> trees)
    {
        ArgumentNullException.ThrowIfNull(featureNames);
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(trees);
        GrownTree[] ordered = [.. trees.OrderBy(t => t.Index)];
        for (int i = 0; i < ordered.Length; i++)
        {
            if (i > 0 && ordered[i].Index == ordered[i - 1].Index)
            {
                throw new LearningDataException(
                    $"Tree {ordered[i].Index} was given twice. Merge one result of each task, whichever came first.");
            }

            if (ordered[i].Index != i)
            {
                throw Missing(ordered[i].Index < 0 ? ordered[i].Index : i);
            }
        }

        return ordered.Length == NEstimators
            ? new RandomForestModel(featureNames, classNames, [.. ordered.Select(t => t.Tree)])
            : throw Missing(Math.Min(ordered.Length, NEstimators));

        LearningDataException Missing(int index) => new(
            $"A forest of {NEstimators} trees can't be merged from these {ordered.Length}: tree {index} is " +
            (index < 0 || index >= NEstimators ? "not one of it" : "missing") +
            $". Give every tree from 0 to {NEstimators - 1} once.");
    }

    ClassifierModel IClassifier.Fit(LabeledTable table, CancellationToken cancellationToken) =>
        Fit(table, cancellationToken);

    private TreeSettings Resolve(LabeledTable table)
    {
        table.RequireClasses();
        List<string> problems = [];
        if (NEstimators < 1)
        {
            problems.Add($"NEstimators is {NEstimators}, expected at least 1");
        }

        TreeSettings settings = TreeSettings.Resolve(
            table, (MaxDepth, MinSamplesSplit, MinSamplesLeaf), MaxFeatures, ClassWeights, problems);
        LearningOptionsException.ThrowIfAny("RandomForestClassifier", problems);
        return settings;
    }
}
