using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Learning;

/// <summary>Fits and judges a <see cref="RandomForestClassifier"/> on the workers.</summary>
public static class DistributedForest
{
    private const int FoldBatchesMax = 10;

    /// <summary>
    /// Grows the trees in up to 64 tasks, a few in each, and merges them in one more. The model has the same bytes as
    /// that of <see cref="RandomForestClassifier.Fit"/>, whatever the number of workers and whichever of them fail on
    /// the way.
    /// </summary>
    /// <param name="forest">The settings.</param>
    /// <param name="session">The session whose workers grow.</param>
    /// <param name="table">The table; sent to each worker once.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <exception cref="LearningDataException">The table is empty or has one class only.</exception>
    /// <exception cref="LearningOptionsException">The settings can't work; all problems are listed.</exception>
    public static async Task<RandomForestModel> FitAsync(
        this RandomForestClassifier forest,
        LeptonSession session,
        LabeledTable table,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        forest.Check(table);
        TreeBatch[] batches = TreeBatch.Cut(forest.NEstimators, fold: 0);
        IReadOnlyList<string> featureNames = table.Features.Names;
        IReadOnlyList<string> classNames = table.ClassNames;
        List<RandomForestModel> models = await session.From(batches, batches.Length)
            .SelectPartition((mine, context) => Grow(forest, table, mine, context.Cancellation))
            .Named("Grow trees")
            .Repartition(1)
            .SelectPartition(trees => Merge(forest, featureNames, classNames, trees))
            .Named("Merge trees to a forest")
            .ToListAsync(cancellation)
            .ConfigureAwait(false);
        return models[0];
    }

    /// <summary>
    /// Judges the forest by cross-validation: for each split a forest is grown on its rows to fit on, the trees of all
    /// of them in one pool of tasks, and judged on the others.
    /// </summary>
    /// <param name="forest">The settings.</param>
    /// <param name="session">The session whose workers grow.</param>
    /// <param name="table">The table; sent to each worker once.</param>
    /// <param name="splits">The folds, as <see cref="StratifiedKFold"/> gives them.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <returns>What came of each split, in their order; equal to <see cref="CrossValidation.Evaluate"/>.</returns>
    /// <exception cref="LearningDataException">The table is empty or has one class only.</exception>
    /// <exception cref="LearningOptionsException">The settings can't work; all problems are listed.</exception>
    public static async Task<IReadOnlyList<ConfusionMatrix>> CrossValidateAsync(
        this RandomForestClassifier forest,
        LeptonSession session,
        LabeledTable table,
        IReadOnlyList<RowSplit> splits,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(splits);
        forest.Check(table);
        if (splits.Count == 0)
        {
            return [];
        }

        RowSplit[] folds = [.. splits];
        TreeBatch[] batches = [.. folds.SelectMany(
            (_, fold) => TreeBatch.Cut(forest.NEstimators, fold, FoldBatchesMax))];
        return await session.From(batches, batches.Length)
            .SelectPartition((mine, context) => GrowOn(forest, table, folds, mine, context.Cancellation))
            .Named("Grow trees fold by fold")
            .PartitionBy(static grown => grown.Fold, new FoldPartitioner(folds.Length))
            .SelectPartition((grown, context) => Judge(forest, table, folds[context.Partition], grown))
            .Named("Judge folds")
            .ToListAsync(cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Finds what is wrong here, before anything is sent.</summary>
    private static void Check(this RandomForestClassifier forest, LabeledTable table)
    {
        ArgumentNullException.ThrowIfNull(forest);
        ArgumentNullException.ThrowIfNull(table);

        // Settings and table are checked when trees are asked for, and none is grown before the first is taken.
        _ = forest.FitTrees(table, []);
    }

    private static IEnumerable<GrownTree> Grow(
        RandomForestClassifier forest,
        LabeledTable table,
        IEnumerable<TreeBatch> batches,
        CancellationToken cancellation) =>
        forest.FitTrees(table, batches.SelectMany(batch => batch.Trees), cancellation);

    /// <summary>Grows batches of trees, each on the rows of its fold.</summary>
    internal static IEnumerable<FoldTree> GrowOn(
        RandomForestClassifier forest,
        LabeledTable table,
        RowSplit[] folds,
        IEnumerable<TreeBatch> batches,
        CancellationToken cancellation) =>
        batches.SelectMany(batch => forest
            .FitTrees(table.SelectRows(folds[batch.Fold].Train), batch.Trees, cancellation)
            .Select(grown => new FoldTree(batch.Fold, grown)));

    private static RandomForestModel[] Merge(
        RandomForestClassifier forest,
        IReadOnlyList<string> featureNames,
        IReadOnlyList<string> classNames,
        IEnumerable<GrownTree> trees) =>
        [forest.Merge(featureNames, classNames, trees)];

    private static ConfusionMatrix[] Judge(
        RandomForestClassifier forest, LabeledTable table, RowSplit fold, IEnumerable<FoldTree> grown)
    {
        RandomForestModel model = forest.Merge(
            table.Features.Names, table.ClassNames, grown.Select(tree => tree.Grown));
        return [model.Evaluate(table.SelectRows(fold.Test))];
    }
}
