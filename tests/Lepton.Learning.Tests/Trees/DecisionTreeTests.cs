using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Trees;

public sealed class DecisionTreeTests
{
    [Fact]
    public void Fit_IrisOfDepthTwo_FindsTheKnownSplits()
    {
        DecisionTree tree = new DecisionTreeClassifier { MaxDepth = 2 }.Fit(SampleTables.Read("iris")).Tree;
        Assert.Equal((5, 3, 2), (tree.Nodes, tree.Leaves, tree.Depth));

        // Petal length and petal width part setosa from the others equally well.
        Assert.Contains((tree.FeatureOf(0), Math.Round(tree.ThresholdOf(0), 12)), new[] { (2, 2.45), (3, 0.8) });
        (int left, int right) = tree.ChildrenOf(0);
        Assert.Equal(-1, tree.FeatureOf(left));
        Assert.Equal((3, 1.75), (tree.FeatureOf(right), tree.ThresholdOf(right)));
    }

    [Fact]
    public void Fit_Threshold_StandsHalfwayAndEqualGoesLeft()
    {
        DecisionTreeModel model = new DecisionTreeClassifier().Fit(SyntheticTables.Of([1, 2, 4, 5], [0, 0, 1, 1]));
        Assert.Equal(3, model.Tree.ThresholdOf(0));
        Assert.Equal([0, 0, 1], model.Predict(new FeatureMatrix([-9, 3, Math.BitIncrement(3.0)], ["width"])));
    }

    [Fact]
    public void Fit_NeighboursOneBitApart_AreToldApart()
    {
        double above = Math.BitIncrement(1.0);
        LabeledTable table = SyntheticTables.Of([1, 1, above, above], [0, 0, 1, 1]);
        Assert.Equal([0, 0, 1, 1], new DecisionTreeClassifier().Fit(table).Predict(table.Features));
    }

    [Fact]
    public void Fit_LargestNumbers_DoNotOverflow()
    {
        LabeledTable table = SyntheticTables.Of([double.MinValue, double.MaxValue, 1.5e308, -1e308], [0, 1, 1, 0]);
        DecisionTreeModel model = new DecisionTreeClassifier().Fit(table);
        Assert.Equal([0, 1, 1, 0], model.Predict(table.Features));
        Assert.True(double.IsFinite(model.Tree.ThresholdOf(0)));
    }

    [Fact]
    public void Fit_Xor_SplitsWithoutAGain()
    {
        LabeledTable table = new(
            FeatureMatrix.Unnamed([0, 0, 0, 1, 1, 0, 1, 1], 2), [0, 1, 1, 0], ["no", "yes"]);
        DecisionTreeModel model = new DecisionTreeClassifier().Fit(table);
        Assert.Equal([0, 1, 1, 0], model.Predict(table.Features));
        Assert.Equal(7, model.Tree.Nodes);
    }

    [Fact]
    public void Fit_EqualRowsOfBothClasses_ShareTheLeaf()
    {
        DecisionTreeModel model = new DecisionTreeClassifier().Fit(SyntheticTables.Of([1, 1, 1, 1], [0, 1, 1, 1]));
        Assert.Equal(new double[,] { { 0.25, 0.75 } }, model.PredictProba(new FeatureMatrix([1], ["width"])));
        Assert.Equal([0.0], model.FeatureImportances);
        Assert.Equal(0, model.Tree.Depth);
    }

    [Fact]
    public void Fit_MinSamplesLeaf_KeepsThatManyOnEachSide()
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3, 4, 5, 6], [0, 1, 1, 1, 1, 1]);
        Assert.Equal(1.5, new DecisionTreeClassifier().Fit(table).Tree.ThresholdOf(0));
        Assert.Equal(2.5, new DecisionTreeClassifier { MinSamplesLeaf = 2 }.Fit(table).Tree.ThresholdOf(0));
        Assert.Equal(1, new DecisionTreeClassifier { MinSamplesLeaf = 4 }.Fit(table).Tree.Nodes);
    }

    [Fact]
    public void Fit_MinSamplesSplit_LeavesSmallerNodesWhole()
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3, 4], [0, 1, 0, 1]);
        Assert.Equal(7, new DecisionTreeClassifier().Fit(table).Tree.Nodes);
        Assert.Equal(1, new DecisionTreeClassifier { MinSamplesSplit = 5 }.Fit(table).Tree.Nodes);
    }

    [Fact]
    public void Fit_ClassWeights_ShiftTheLeaf()
    {
        LabeledTable table = SyntheticTables.Of([1, 1, 1, 1], [0, 1, 1, 1]);
        FeatureMatrix one = new([1], ["width"]);
        double[,] weighted = new DecisionTreeClassifier { ClassWeights = ClassWeights.Of(new ClassWeight("no", 9)) }
            .Fit(table).PredictProba(one);
        Assert.Equal(new double[,] { { 0.75, 0.25 } }, weighted);
        double[,] balanced = new DecisionTreeClassifier { ClassWeights = ClassWeights.Balanced }
            .Fit(table).PredictProba(one);
        Assert.Equal(0.5, balanced[0, 0], 1e-15);
    }

    [Fact]
    public void Fit_EmptyTable_SaysWhatToCheck()
    {
        LabeledTable table = SyntheticTables.Of([], []);
        var e = Assert.Throws<LearningDataException>(() => new DecisionTreeClassifier().Fit(table));
        Assert.Equal(
            "The table has no rows (1 features: width), and fitting a classifier needs at least one. Check the " +
            "source and the filters before this step.",
            e.Message);
    }

    [Fact]
    public void Fit_OneClassOnly_NamesIt()
    {
        LabeledTable table = SyntheticTables.Of([1, 2], [1, 1]);
        var e = Assert.Throws<LearningDataException>(() => new DecisionTreeClassifier().Fit(table));
        Assert.Equal(
            "All 2 rows have the class 'yes', but a classifier needs at least two classes. Check the label column " +
            "and the filters before this step.",
            e.Message);
    }

    [Fact]
    public void Fit_SettingsThatCannotWork_AreReportedTogether()
    {
        DecisionTreeClassifier classifier = new()
        {
            MaxDepth = 0,
            MinSamplesSplit = 1,
            MinSamplesLeaf = 0,
            MaxFeatures = MaxFeatures.Count(3),
            ClassWeights = ClassWeights.Of(
                new ClassWeight("maybe", 1), new ClassWeight("no", -2), new ClassWeight("no", 3)),
        };
        var e = Assert.Throws<LearningOptionsException>(() => classifier.Fit(SyntheticTables.Of([1, 2], [0, 1])));
        Assert.Equal(
            [
                "MaxDepth is 0, expected null or at least 1",
                "MinSamplesSplit is 1, expected at least 2",
                "MinSamplesLeaf is 0, expected at least 1",
                "MaxFeatures is Count(3), expected All, Sqrt, Log2, Count(1 to 1) or Fraction(above 0, to 1)",
                "ClassWeights names the class 'no' more than once, expected one weight a class",
                "ClassWeights names the class 'maybe', expected one of no, yes",
                "ClassWeights gives 'no' -2, expected a number above 0",
            ],
            e.Problems);
        Assert.StartsWith("DecisionTreeClassifier can't run with these settings: MaxDepth is 0, ", e.Message);
    }

    [Theory]
    [InlineData(MaxFeaturesKind.All, 0, 10)]
    [InlineData(MaxFeaturesKind.Sqrt, 0, 3)]
    [InlineData(MaxFeaturesKind.Log2, 0, 3)]
    [InlineData(MaxFeaturesKind.Count, 4, 4)]
    [InlineData(MaxFeaturesKind.Fraction, 0.25, 2)]
    [InlineData(MaxFeaturesKind.Fraction, 0.01, 1)]
    public void Resolve_MaxFeaturesOfTen_IsSciKitLearnsCount(MaxFeaturesKind kind, double value, int expected)
    {
        List<string> problems = [];
        Assert.Equal(expected, new MaxFeatures(kind, value).Resolve(10, problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void ChildrenOf_Leaf_SaysSo()
    {
        DecisionTree tree = new DecisionTreeClassifier().Fit(SyntheticTables.Of([1, 1], [0, 1])).Tree;
        var e = Assert.Throws<ArgumentException>(() => tree.ChildrenOf(0));
        Assert.StartsWith("Node 0 is a leaf and has no children; ask FeatureOf first.", e.Message);
    }
}
