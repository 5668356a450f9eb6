using FsCheck.Fluent;
using Lepton.Core.Randomness;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Trees;

public sealed class RandomForestTests
{
    private static readonly LabeledTable Table = SyntheticTables.Make(1);

    [Fact]
    public void Trap76_TreesGrownInAnyPartsAndOrder_AreTheSameForest() =>
        Prop.ForAll<int, byte>((seed, partsRaw) =>
        {
            RandomForestClassifier forest = new() { NEstimators = 12, Seed = (ulong)(uint)seed };
            int parts = 1 + (partsRaw % 8);
            int[] order = [.. Enumerable.Range(0, 12)];
            SeededRandom random = new((ulong)(uint)seed);
            random.Shuffle(order.AsSpan());
            IEnumerable<GrownTree> grown = order
                .Chunk((12 + parts - 1) / parts)
                .SelectMany(part => forest.FitTrees(Table, part));
            RandomForestModel merged = forest.Merge(Table.Features.Names, Table.ClassNames, grown);
            return merged.ToBytes().AsSpan().SequenceEqual(forest.Fit(Table).ToBytes());
        }).Holds();

    [Fact]
    public void FitTree_OneAlone_IsTheForestsTree()
    {
        RandomForestClassifier forest = new() { NEstimators = 5, Seed = 3 };
        RandomForestModel model = forest.Fit(Table);
        for (int i = 0; i < 5; i++)
        {
            GrownTree tree = forest.FitTree(Table, i);
            Assert.Equal(i, tree.Index);
            Assert.Equal(model.Trees[i].Nodes, tree.Tree.Nodes);
            Assert.Equal(model.Trees[i].ThresholdOf(0), tree.Tree.ThresholdOf(0));
        }
    }

    [Fact]
    public void Fit_OtherSeed_IsAnotherForest()
    {
        RandomForestClassifier forest = new() { NEstimators = 5, Seed = 3 };
        Assert.Equal(forest.Fit(Table).Sha256, forest.Fit(Table).Sha256);
        Assert.NotEqual(forest.Fit(Table).Sha256, (forest with { Seed = 4 }).Fit(Table).Sha256);
    }

    [Fact]
    public void Fit_KnownSeed_KeepsItsBytes()
    {
        // Whoever changes what a seed grows changes every model that users have trained: say so in the change log.
        RandomForestModel model = new RandomForestClassifier { Seed = 42 }.Fit(SampleTables.Read("iris"));
        Assert.Equal("d548b94f34b11c5047736743dfe2d10021cedd82ef4018e4fff5a7c3e5cebd46", model.Sha256);
    }

    [Fact]
    public void Trap77_Defaults_AreSciKitLearns()
    {
        RandomForestClassifier forest = new();
        Assert.Equal(100, forest.NEstimators);
        Assert.Null(forest.MaxDepth);
        Assert.Equal((2, 1), (forest.MinSamplesSplit, forest.MinSamplesLeaf));
        Assert.Equal(MaxFeatures.Sqrt, forest.MaxFeatures);
        Assert.True(forest.Bootstrap);
        Assert.Equal(ClassWeights.None, forest.ClassWeights);
        Assert.Equal(MaxFeatures.All, new DecisionTreeClassifier().MaxFeatures);
    }

    [Fact]
    public void Trap78_GrowingTrees_AllocatesForTheTreesOnly()
    {
        LabeledTable table = SyntheticTables.Make(2, rows: 20_000, features: 8);
        List<string> problems = [];
        TreeSettings settings = TreeSettings.Resolve(
            table, (null, 2, 1), MaxFeatures.Sqrt, ClassWeights.None, problems);
        TreeGrower grower = new(new RankedTable(table), settings);
        grower.Grow(0, bootstrap: true, CancellationToken.None);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int nodes = grower.Grow(1, bootstrap: true, CancellationToken.None).Nodes;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, (nodes * 160L) + 4096);
    }

    [Fact]
    public void Trap78_RanksOfFewDistinctValues_TakeAByteEach()
    {
        const int Rows = 10_000;
        double[][] rows = [.. Enumerable.Range(0, Rows).Select(row => new double[] { row % 256, row % 257, row })];
        var table = LabeledTable.FromLabels(
            FeatureMatrix.FromRows(rows, ["bytes", "more", "all"]), [.. rows.Select(row => row[0] < 9 ? "a" : "b")]);

        Assert.Equal(Rows * (1 + 4 + 4), new RankedTable(table).RankBytes);
    }

    [Fact]
    public void Trap78_ManyClasses_TakeNoRoomInPureLeaves()
    {
        static int BytesOf(int classes) => new RandomForestClassifier { NEstimators = 2 }
            .Fit(SyntheticTables.Make(1, rows: 600, features: 4, classes: classes)).ToBytes().Length;

        // 100 classes grow some more nodes than 10; room for each class in each leaf would be ten times as much.
        Assert.InRange(BytesOf(100), 0, 3 * BytesOf(10));
    }

    [Fact]
    public void PredictProba_EachRow_AddsUpToOne() =>
        Prop.ForAll<int, bool>((seed, balanced) =>
        {
            RandomForestClassifier forest = new()
            {
                NEstimators = 7,
                MinSamplesLeaf = 3,
                Seed = (ulong)(uint)seed,
                ClassWeights = balanced ? ClassWeights.Balanced : ClassWeights.None,
            };
            LabeledTable table = SyntheticTables.Make((ulong)(uint)seed);
            RandomForestModel model = forest.Fit(table);
            double[,] probabilities = model.PredictProba(table.Features);
            int[] predicted = model.Predict(table.Features);
            return Enumerable.Range(0, table.Rows).All(row =>
            {
                double[] of = [.. Enumerable.Range(0, 3).Select(c => probabilities[row, c])];
                return Math.Abs(of.Sum() - 1) < 1e-12 && of.All(p => p >= 0) && of[predicted[row]] == of.Max();
            });
        }).Holds();

    [Fact]
    public void FeatureImportances_AnyForest_AddUpToOne() =>
        Prop.ForAll<int>(seed =>
        {
            LabeledTable table = SyntheticTables.Make((ulong)(uint)seed);
            RandomForestClassifier forest = new() { NEstimators = 7, Seed = (ulong)(uint)seed };
            IReadOnlyList<double> importances = forest.Fit(table).FeatureImportances;
            return Math.Abs(importances.Sum() - 1) < 1e-12 && importances.All(i => i >= -1e-12);
        }).Holds();

    [Fact]
    public void FeatureImportances_TwoSplits_AreTheLostImpurity()
    {
        // x0 takes 6 rows of class 0 away; then x1 parts the other 4 + 4 without error.
        double[][] rows = [[0, 2], [1, 1], [1, 2]];
        int[] kinds = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        LabeledTable table = new(
            FeatureMatrix.FromRows(kinds.Select(kind => rows[kind]), ["x0", "x1"]),
            [.. kinds.Select(kind => kind / 2)],
            ["no", "yes"]);
        IReadOnlyList<double> importances = new DecisionTreeClassifier().Fit(table).FeatureImportances;

        // Rows × gini: 14 × (1 − (10² + 4²) / 14²) = 40 / 7 at the root, 8 × 0.5 below it, then 0.
        Assert.Equal(0.3, importances[0], 1e-15);
        Assert.Equal(0.7, importances[1], 1e-15);
    }

    [Fact]
    public void Fit_DrawnFeaturesAreConstant_GoesOnToOneThatIsNot()
    {
        // scikit-learn's rule: constant features count as looked at, but one that can be split must be among them.
        FeatureMatrix features = FeatureMatrix.FromRows(
            Enumerable.Range(0, 6).Select(row => (double[])[0, 0, 0, 0, row, 0, 0, 0, 0, 0]),
            [.. Enumerable.Range(0, 10).Select(f => $"f{f}")]);
        LabeledTable table = new(features, [0, 0, 1, 1, 0, 0], ["no", "yes"]);
        RandomForestClassifier forest = new() { Bootstrap = false, MaxFeatures = MaxFeatures.Count(1) };
        RandomForestModel model = forest.Fit(table);
        Assert.All(model.Trees, tree => Assert.Equal(5, tree.Nodes));
        Assert.Equal(table.Labels.ToArray(), model.Predict(features));
    }

    [Fact]
    public void Predict_WithoutBootstrapOnPureTable_IsRightEverywhere()
    {
        RandomForestModel model = new RandomForestClassifier { NEstimators = 9, Bootstrap = false }.Fit(Table);
        Assert.Equal(Table.Labels.ToArray(), model.Predict(Table.Features));
        Assert.Equal("class 1", model.PredictNames(Table.Features)[1]);
    }

    [Fact]
    public void Predict_NoRows_IsEmpty() =>
        Assert.Empty(new RandomForestClassifier { NEstimators = 2 }.Fit(Table).Predict(FeatureMatrix.Unnamed([], 5)));

    [Fact]
    public void Predict_OtherShape_NamesBothShapes()
    {
        RandomForestModel model = new RandomForestClassifier { NEstimators = 2 }.Fit(Table);
        var e = Assert.Throws<LearningDataException>(() => model.Predict(FeatureMatrix.Unnamed([1, 2, 3], 3)));
        Assert.StartsWith(
            "The model was fitted on 5 features (x0, x1, x2, x3, x4), but the table is 1 rows × 3", e.Message);
    }

    [Fact]
    public void Evaluate_ClassesInAnotherOrder_AreMatchedByName()
    {
        RandomForestModel model = new RandomForestClassifier { NEstimators = 9 }.Fit(Table);
        LabeledTable reordered = new(
            Table.Features, [.. Table.Labels.ToArray().Select(label => 2 - label)], ["class 2", "class 1", "class 0"]);
        Assert.Equal(model.Evaluate(Table).ToString(), model.Evaluate(reordered).ToString());
    }

    [Fact]
    public void Evaluate_ClassUnseenInTraining_NamesRowAndClasses()
    {
        RandomForestModel model = new RandomForestClassifier { NEstimators = 2 }.Fit(Table);
        LabeledTable table = new(FeatureMatrix.Unnamed([1, 2, 3, 4, 5], 5), [0], ["new"]);
        var e = Assert.Throws<LearningDataException>(() => model.Evaluate(table));
        Assert.Equal(
            "Row 0 has the class 'new', which the model never saw: it was fitted on class 0, class 1, class 2. Fit " +
            "it again with rows of that class, or leave the row out.",
            e.Message);
    }

    [Fact]
    public void Fit_SettingsThatCannotWork_AreReportedTogether()
    {
        RandomForestClassifier forest = new()
        {
            NEstimators = 0,
            MinSamplesSplit = 0,
            MaxFeatures = MaxFeatures.Fraction(1.5),
        };
        var e = Assert.Throws<LearningOptionsException>(() => forest.Fit(Table));
        Assert.Equal(
            "RandomForestClassifier can't run with these settings: NEstimators is 0, expected at least 1; " +
            "MinSamplesSplit is 0, expected at least 2; MaxFeatures is Fraction(1.5), expected All, Sqrt, Log2, " +
            "Count(1 to 5) or Fraction(above 0, to 1).",
            e.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void FitTree_NumberBeyondTheForest_IsRefused(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new RandomForestClassifier { NEstimators = 3 }.FitTree(Table, index));

    [Fact]
    public void Merge_TreesThatMakeNoForest_SaysWhichTree()
    {
        RandomForestClassifier forest = new() { NEstimators = 3 };
        GrownTree[] trees = [.. forest.FitTrees(Table, [0, 1, 2])];
        string Message(params GrownTree[] given) => Assert.Throws<LearningDataException>(
            () => forest.Merge(Table.Features.Names, Table.ClassNames, given)).Message;

        Assert.Equal(
            "A forest of 3 trees can't be merged from these 2: tree 1 is missing. Give every tree from 0 to 2 once.",
            Message(trees[2], trees[0]));
        Assert.Contains("from these 2: tree 2 is missing", Message(trees[0], trees[1]));
        Assert.Contains("from these 0: tree 0 is missing", Message());
        Assert.Equal(
            "Tree 1 was given twice. Merge one result of each task, whichever came first.",
            Message(trees[0], trees[1], trees[1], trees[2]));
        Assert.Contains("tree 3 is not one of it", Message([.. trees, trees[0] with { Index = 3 }]));
        Assert.Contains("tree -1 is not one of it", Message([.. trees, trees[0] with { Index = -1 }]));
    }

    [Fact]
    public void Fit_Cancelled_Stops()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => new RandomForestClassifier().Fit(Table, source.Token));
        Assert.Throws<OperationCanceledException>(() => new DecisionTreeClassifier().Fit(Table, source.Token));
    }
}
