namespace Lepton.Learning.Tests.Judging;

public sealed class ConfusionMatrixTests
{
    private static readonly string[] Classes = ["cat", "dog", "newt"];

    private static readonly ConfusionMatrix Matrix =
        ConfusionMatrix.Of([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 2], Classes);

    [Fact]
    public void Of_Predictions_CountsThem()
    {
        Assert.Equal((6, 4), (Matrix.Total, Matrix.Correct));
        Assert.Equal(4.0 / 6, Matrix.Accuracy);
        Assert.Equal((2, 1, 0), (Matrix[0, 0], Matrix[0, 1], Matrix[0, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Matrix[0, 3]);
    }

    [Fact]
    public void ByClass_Predictions_GivesSciKitLearnsFigures()
    {
        // precision_recall_fscore_support([0,0,0,1,1,1], [0,0,1,1,1,2], labels=[0,1,2], zero_division=0)
        Assert.Equal(
            [
                new ClassMetrics("cat", 3, 1, 2.0 / 3, 0.8),
                new ClassMetrics("dog", 3, 2.0 / 3, 2.0 / 3, 2.0 / 3),
                new ClassMetrics("newt", 0, 0, 0, 0),
            ],
            Matrix.ByClass());
        Assert.Equal((0.8 + (2.0 / 3)) / 3, Matrix.MacroF1, 1e-15);
    }

    [Fact]
    public void ToString_Counts_AlignsColumns() => Assert.Equal(
        """
        actual \ predicted  cat  dog  newt
        cat                   2    1     0
        dog                   0    2     1
        newt                  0    0     0

        """.ReplaceLineEndings("\n"),
        Matrix.ToString());

    [Fact]
    public void Merge_Parts_IsTheWhole()
    {
        ConfusionMatrix first = ConfusionMatrix.Of([0, 0, 0], [0, 0, 1], Classes);
        ConfusionMatrix second = ConfusionMatrix.Of([1, 1, 1], [1, 1, 2], Classes);
        Assert.Equal(Matrix.ToString(), ConfusionMatrix.Merge(second, first).ToString());
    }

    [Fact]
    public void Merge_OtherClasses_NamesBoth()
    {
        ConfusionMatrix owls = ConfusionMatrix.Of([], [], ["owl"]);
        var e = Assert.Throws<LearningDataException>(() => ConfusionMatrix.Merge(Matrix, owls));
        Assert.Equal(
            "Counts over the classes cat, dog, newt can't be merged with counts over owl. Use one list of classes " +
            "for both.",
            e.Message);
    }

    [Fact]
    public void Of_LengthsDiffer_NamesBoth()
    {
        var e = Assert.Throws<LearningDataException>(() => ConfusionMatrix.Of([0], [0, 1], Classes));
        Assert.Equal("There are 1 actual classes and 2 predictions. Give one of each for every row.", e.Message);
    }

    [Fact]
    public void Of_IndexIsNoClass_NamesRow()
    {
        var e = Assert.Throws<LearningDataException>(() => ConfusionMatrix.Of([0, 1], [0, 3], Classes));
        Assert.Equal(
            "Row 1 is of class 1 and predicted 3, but there are 3 classes, numbered from 0 (cat, dog, newt). " +
            "Number both by the same list of classes.",
            e.Message);
    }

    [Fact]
    public void Accuracy_NoRows_IsZero() => Assert.Equal(0, ConfusionMatrix.Of([], [], Classes).Accuracy);
}
