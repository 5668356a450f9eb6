namespace Lepton.Learning.Tests.Tables;

public sealed class LabeledTableTests
{
    private static readonly FeatureMatrix TwoRows = new([1, 2], ["width"]);

    [Fact]
    public void Constructor_LabelsDoNotFit_NamesBothShapes()
    {
        var e = Assert.Throws<LearningDataException>(() => new LabeledTable(TwoRows, [0], ["a"]));
        Assert.Equal(
            "The features are 2 rows × 1 features, but there are 1 labels. Give every row one label.", e.Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public void Constructor_LabelIsNoClass_NamesRowAndClasses(int label)
    {
        var e = Assert.Throws<LearningDataException>(() => new LabeledTable(TwoRows, [0, label], ["a", "b"]));
        Assert.Equal(
            $"Row 1 has the label {label}, but there are 2 classes, numbered from 0 (a, b). Use FromLabels to number " +
            "the classes.",
            e.Message);
    }

    [Fact]
    public void Constructor_ClassNameTwice_IsRefused()
    {
        var e = Assert.Throws<LearningDataException>(() => new LabeledTable(TwoRows, [0, 1], ["a", "a"]));
        Assert.Equal("Two classes are named 'a'. Give every class its own name.", e.Message);
    }

    [Fact]
    public void FromLabels_MissingLabel_NamesRow()
    {
        var e = Assert.Throws<LearningDataException>(() => LabeledTable.FromLabels(TwoRows, ["a", ""]));
        Assert.Equal(
            "Row 1 has no label, but a classifier needs the class of every row. Fill it in or leave the row " +
            "out.", e.Message);
    }

    [Fact]
    public void FromLabels_WholeNumbers_AreOrderedByValue()
    {
        FeatureMatrix three = new([1, 2, 3], ["width"]);
        Assert.Equal(["-1", "9", "10"], LabeledTable.FromLabels(three, ["10", "9", "-1"]).ClassNames);
        Assert.Equal(["10", "9", "b"], LabeledTable.FromLabels(three, ["b", "10", "9"]).ClassNames);
    }

    [Fact]
    public void SelectRows_Rows_KeepLabelsAndClasses()
    {
        LabeledTable table = LabeledTable.FromLabels(TwoRows, ["b", "a"]).SelectRows([1]);
        Assert.Equal([0], table.Labels.ToArray());
        Assert.Equal(["a", "b"], table.ClassNames);
        Assert.Equal([1, 0], table.ClassCounts());
        Assert.Equal("1 rows × 1 features, 2 classes", table.ToString());
    }
}
