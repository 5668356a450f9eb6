namespace Lepton.Learning.Tests.Golden;

/// <summary>Against what scikit-learn 1.2.1 gives on the same tables.</summary>
public sealed class GoldenTests
{
    private const int Seeds = 10;
    private const int TreesPerFold = 5;

    public static TheoryData<string> Tables => new("iris", "wine", "breast_cancer", "digits");

    [Theory]
    [MemberData(nameof(Tables))]
    public void StandardScaler_RealTable_HasSciKitLearnsMeanAndScale(string name)
    {
        GoldenFigures golden = GoldenFigures.Of(name);
        StandardScalerModel scaler = new StandardScaler().Fit(SampleTables.Read(name).Features);
        Assert.Equal(golden.Mean.Length, scaler.Mean.Count);
        Assert.Equal(golden.Scale.Length, scaler.Scale.Count);
        for (int i = 0; i < golden.Mean.Length; i++)
        {
            Assert.InRange(Math.Abs(scaler.Mean[i] - golden.Mean[i]), 0, 1e-9);
            Assert.InRange(Math.Abs(scaler.Scale[i] - golden.Scale[i]), 0, 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Trap77_RandomForestByDefault_IsAsAccurate(string name) => RequireAccuracies(
        GoldenFigures.Of(name).Forest,
        Accuracies(name, OwnFolds, seed => [new RandomForestClassifier { Seed = seed }]));

    [Theory]
    [MemberData(nameof(Tables))]
    public void Trap77_RandomForestOnSciKitLearnsFolds_IsAsAccurate(string name) => RequireAccuracies(
        GoldenFigures.Of(name).Forest,
        Accuracies(name, SciKitLearnsFolds, seed => [new RandomForestClassifier { Seed = seed }]));

    [Theory]
    [MemberData(nameof(Tables))]
    public void Trap77_DecisionTreeByDefault_IsAsAccurate(string name) => RequireAccuracies(
        GoldenFigures.Of(name).Tree,
        Accuracies(name, OwnFolds, seed => [new DecisionTreeClassifier { Seed = seed }]));

    /// <summary>
    /// Which of equally good splits a single tree takes is chance, and one unlucky choice can cost three rows of wine:
    /// on the folds of seed 2, three in a hundred of scikit-learn's own trees fall out of the band. So the folds are
    /// judged by several trees each.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void Trap77_DecisionTreesOnSciKitLearnsFolds_AreAsAccurate(string name) => RequireAccuracies(
        GoldenFigures.Of(name).Tree,
        Accuracies(name, SciKitLearnsFolds, seed => Enumerable.Range(0, TreesPerFold)
            .Select(i => new DecisionTreeClassifier { Seed = (seed * TreesPerFold) + (ulong)i })));

    private static IReadOnlyList<RowSplit> OwnFolds(LabeledTable table, uint seed) =>
        new StratifiedKFold { NSplits = 5, Shuffle = true, Seed = seed }.Split(table);

    private static IReadOnlyList<RowSplit> SciKitLearnsFolds(LabeledTable table, uint seed) =>
        new StratifiedKFold { NSplits = 5 }.Split(table, new NumpyShuffle(seed).Shuffle);

    private static double[] Accuracies(
        string name,
        Func<LabeledTable, uint, IReadOnlyList<RowSplit>> folds,
        Func<ulong, IEnumerable<IClassifier>> classifiers)
    {
        LabeledTable table = SampleTables.Read(name);
        return [.. Enumerable.Range(0, Seeds)
            .Select(seed => classifiers((ulong)seed)
                .Average(classifier => CrossValidation
                    .Evaluate(classifier, table, folds(table, (uint)seed))
                    .Average(fold => fold.Accuracy)))];
    }

    private static void RequireAccuracies(AccuracyBand golden, double[] accuracies)
    {
        string all = string.Join(", ", accuracies.Select(a => $"{a:F4}"));
        string message = $"Five-fold accuracies over seeds 0 to 9: {all}; mean {accuracies.Average():F4}; " +
            $"expected each in {golden.Min:F4} to {golden.Max:F4}.";
        TestContext.Current.SendDiagnosticMessage(message);
        Assert.True(accuracies.Append(accuracies.Average()).All(a => a >= golden.Min && a <= golden.Max), message);
    }
}
