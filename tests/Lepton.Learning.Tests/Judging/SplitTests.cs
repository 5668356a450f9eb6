using FsCheck.Fluent;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Judging;

public sealed class SplitTests
{
    [Fact]
    public void Stratified_Iris_KeepsTheShares()
    {
        LabeledTable iris = SampleTables.Read("iris");
        (LabeledTable train, LabeledTable test) = TrainTestSplit.Stratified(iris, 0.2, 1).Of(iris);
        Assert.Equal([40, 40, 40], train.ClassCounts());
        Assert.Equal([10, 10, 10], test.ClassCounts());
    }

    [Fact]
    public void Stratified_AnyTable_PartsTheRowsByShare() =>
        Prop.ForAll<int, byte, byte>((seed, rowsRaw, sizeRaw) =>
        {
            int rows = 20 + rowsRaw;
            double testSize = 0.2 + (sizeRaw % 60 / 100.0);
            LabeledTable table = SyntheticTables.Make(1, rows);
            RowSplit split = TrainTestSplit.Stratified(table, testSize, (ulong)(uint)seed);
            int[] trained = table.SelectRows(split.Train).ClassCounts();
            double share = (double)split.Train.Length / rows;
            return Parts(rows, split)
                && split.Test.Length == (int)Math.Ceiling(rows * testSize)
                && table.ClassCounts().Zip(trained).All(c => Math.Abs((c.First * share) - c.Second) < 1);
        }).Holds();

    /// <summary>By their shares alone, the rare class would have no row to judge on.</summary>
    [Fact]
    public void Stratified_ClassWithTwoRowsOfMany_HasOneInEachPart()
    {
        int[] labels = [.. Enumerable.Repeat(0, 998), 1, 1];
        LabeledTable table = SyntheticTables.Of([.. labels.Select(label => (double)label)], labels);
        for (ulong seed = 0; seed < 20; seed++)
        {
            RowSplit split = TrainTestSplit.Stratified(table, 0.2, seed);
            Assert.Equal([199, 1], table.SelectRows(split.Test).ClassCounts());
            Assert.Equal([799, 1], table.SelectRows(split.Train).ClassCounts());
        }
    }

    [Fact]
    public void Stratified_ClassWithOneRow_NamesItAndWhatToDo()
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3, 4, 5], [0, 0, 0, 0, 1]);
        var e = Assert.Throws<LearningDataException>(() => TrainTestSplit.Stratified(table, 0.4, 1));
        Assert.Equal(
            "The class 'yes' has one row, but a stratified split needs at least two of each class, one to fit on and " +
            "one to judge on. Add rows of that class, leave it out, or use TrainTestSplit.Shuffled.",
            e.Message);
    }

    [Theory]
    [InlineData(0.1, 9, 1)]
    [InlineData(0.9, 1, 9)]
    public void Stratified_PartSmallerThanClasses_NamesTheNumbers(double testSize, int train, int test)
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
        var e = Assert.Throws<LearningDataException>(() => TrainTestSplit.Stratified(table, testSize, 1));
        Assert.Equal(
            $"10 rows split into {train} to fit on and {test} to judge on, but there are 2 classes and each part " +
            "needs a row of each. Add rows or move testSize nearer to a half.",
            e.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Shuffled_TestSizeOutOfRange_IsRefused(double testSize)
    {
        var e = Assert.Throws<LearningOptionsException>(() => TrainTestSplit.Shuffled(10, testSize, 1));
        Assert.StartsWith("TrainTestSplit can't run with these settings: testSize is ", e.Message);
        Assert.EndsWith("expected above 0 and below 1.", e.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Shuffled_TooFewRows_IsRefused(int rows)
    {
        var e = Assert.Throws<LearningDataException>(() => TrainTestSplit.Shuffled(rows, 0.5, 1));
        Assert.Equal(
            $"{rows} rows with testSize 0.5 leave 0 to fit on, but each part needs at least one row. Add rows or " +
            "choose a smaller testSize.",
            e.Message);
    }

    [Fact]
    public void Shuffled_Seed_DecidesTheRows()
    {
        RowSplit split = TrainTestSplit.Shuffled(100, 0.25, 1);
        Assert.True(Parts(100, split));
        Assert.Equal(25, split.Test.Length);
        Assert.Equal(split.Test.ToArray(), TrainTestSplit.Shuffled(100, 0.25, 1).Test.ToArray());
        Assert.NotEqual(split.Test.ToArray(), TrainTestSplit.Shuffled(100, 0.25, 2).Test.ToArray());
    }

    [Fact]
    public void KFold_RowsThatDoNotDivide_MakesTheFirstFoldsLarger()
    {
        IReadOnlyList<RowSplit> folds = new KFold { NSplits = 3 }.Split(8);
        Assert.Equal([0, 1, 2], folds[0].Test.ToArray());
        Assert.Equal([3, 4, 5], folds[1].Test.ToArray());
        Assert.Equal([6, 7], folds[2].Test.ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5], folds[2].Train.ToArray());
    }

    [Fact]
    public void KFold_Shuffled_JudgesEachRowOnce() =>
        Prop.ForAll<int, byte, byte>((seed, rowsRaw, foldsRaw) =>
        {
            int folds = 2 + (foldsRaw % 9);
            int rows = folds + rowsRaw;
            KFold kFold = new() { NSplits = folds, Shuffle = true, Seed = (ulong)(uint)seed };
            IReadOnlyList<RowSplit> splits = kFold.Split(rows);
            return splits.All(split => Parts(rows, split) && Math.Abs(split.Test.Length - (rows / folds)) <= 1)
                && splits.SelectMany(split => split.Test.ToArray()).Order().SequenceEqual(Enumerable.Range(0, rows));
        }).Holds();

    [Fact]
    public void StratifiedKFold_AnyTable_SpreadsEachClassEvenly() =>
        Prop.ForAll<int, byte, byte>((seed, rowsRaw, foldsRaw) =>
        {
            int folds = 2 + (foldsRaw % 9);
            int rows = 40 + rowsRaw;
            LabeledTable table = SyntheticTables.Make(1, rows);
            IReadOnlyList<RowSplit> splits =
                new StratifiedKFold { NSplits = folds, Shuffle = true, Seed = (ulong)(uint)seed }.Split(table);
            int[] counts = table.ClassCounts();
            return splits.SelectMany(split => split.Test.ToArray()).Order().SequenceEqual(Enumerable.Range(0, rows))
                && splits.All(split => Parts(rows, split)
                    && Math.Abs(split.Test.Length - (rows / folds)) <= 1
                    && table.SelectRows(split.Test).ClassCounts().Zip(counts)
                        .All(c => Math.Abs(c.First - ((double)c.Second / folds)) < 1));
        }).Holds();

    [Fact]
    public void StratifiedKFold_Shuffle_IsDecidedBySeed()
    {
        LabeledTable table = SyntheticTables.Make(1);
        int[] TestOf(ulong seed) => new StratifiedKFold { Shuffle = true, Seed = seed }.Split(table)[0].Test.ToArray();
        Assert.Equal(TestOf(1), TestOf(1));
        Assert.NotEqual(TestOf(1), TestOf(2));
    }

    /// <summary>Folds of rows as scikit-learn 1.2.1 gives them.</summary>
    [Theory]
    [InlineData(
        "iris",
        0,
        "211402332033231014421331424012014401320232103400440321120433403143022424204421212014211330" +
        "301143034002241042124421031320130043312311434021402314402330")]
    [InlineData(
        "wine",
        3,
        "314131021222302044243114020442440303013121321234433011000231024010333340412311140040422132" +
        "3004410140422411340432122033324322031421021122431301304204232323441004103134020311124204")]
    public void StratifiedKFold_NumpysShuffle_GivesSciKitLearnsFolds(string name, uint seed, string expected)
    {
        LabeledTable table = SampleTables.Read(name);
        IReadOnlyList<RowSplit> splits = new StratifiedKFold().Split(table, new NumpyShuffle(seed).Shuffle);
        char[] folds = new char[table.Rows];
        for (int fold = 0; fold < splits.Count; fold++)
        {
            foreach (int row in splits[fold].Test)
            {
                folds[row] = (char)('0' + fold);
            }
        }

        Assert.Equal(expected, new string(folds));
    }

    [Fact]
    public void Split_FewerRowsThanFolds_NamesBoth()
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3], [0, 0, 1]);
        const string Message =
            "3 rows can't be cut into 5 folds: each needs at least one row. Lower NSplits or add rows.";
        Assert.Equal(Message, Assert.Throws<LearningDataException>(() => new KFold().Split(3)).Message);
        Assert.Equal(Message, Assert.Throws<LearningDataException>(() => new StratifiedKFold().Split(table)).Message);
    }

    [Fact]
    public void StratifiedKFold_EveryClassSmallerThanFolds_NamesTheLargest()
    {
        LabeledTable table = SyntheticTables.Of([1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1]);
        var e = Assert.Throws<LearningDataException>(() => new StratifiedKFold().Split(table));
        Assert.Equal(
            "Every class has fewer rows than the 5 folds (the largest, 'no', has 4), so no fold can hold all " +
            "classes. Lower NSplits or add rows.",
            e.Message);
    }

    [Fact]
    public void Split_OneFold_IsRefused()
    {
        var e = Assert.Throws<LearningOptionsException>(() => new KFold { NSplits = 1 }.Split(3));
        Assert.Equal("KFold can't run with these settings: NSplits is 1, expected at least 2.", e.Message);
    }

    private static bool Parts(int rows, RowSplit split) =>
        split.Train.ToArray().Concat(split.Test.ToArray()).Order().SequenceEqual(Enumerable.Range(0, rows));
}
