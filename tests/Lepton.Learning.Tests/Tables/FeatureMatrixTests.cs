namespace Lepton.Learning.Tests.Tables;

public sealed class FeatureMatrixTests
{
    private static readonly string[] Names = ["width", "height"];

    [Theory]
    [InlineData(double.NaN, "not a number (NaN)")]
    [InlineData(double.PositiveInfinity, "infinite")]
    [InlineData(double.NegativeInfinity, "infinite")]
    public void Constructor_ValueIsNotFinite_NamesRowAndColumn(double value, string what)
    {
        var e = Assert.Throws<LearningDataException>(() => new FeatureMatrix([1, 2, 3, value], Names));
        Assert.Equal(
            $"Row 1, column 'height' is {what}, but only finite numbers can be learned from. " +
            "Fill the gap in or leave the row out.",
            e.Message);
    }

    [Fact]
    public void Constructor_ValuesDoNotFillRows_NamesBothShapes()
    {
        var e = Assert.Throws<LearningDataException>(() => new FeatureMatrix([1, 2, 3], Names));
        Assert.Equal(
            "3 values don't fill whole rows of 2 features (width, height). Give every row one value for each feature.",
            e.Message);
    }

    [Theory]
    [InlineData("", "Feature 1 has no name. Give every feature one.")]
    [InlineData("width", "Two features are named 'width' (the second is feature 1). Give every feature its own name.")]
    public void Constructor_NameIsBad_SaysWhich(string second, string message)
    {
        var e = Assert.Throws<LearningDataException>(() => new FeatureMatrix([1, 2], ["width", second]));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Constructor_NoFeatures_IsRefused()
    {
        var e = Assert.Throws<LearningDataException>(() => new FeatureMatrix([], []));
        Assert.Equal("The table has no features. Name at least one column to learn from.", e.Message);
    }

    [Fact]
    public void FromRows_RowIsTooLong_NamesRowAndBothLengths()
    {
        double[][] rows = [[1, 2], [1, 2, 3]];
        var e = Assert.Throws<LearningDataException>(() => FeatureMatrix.FromRows(rows, Names));
        Assert.Equal(
            "Row 1 has 3 values, but there are 2 features (width, height). Give every row one value for each feature.",
            e.Message);
    }

    [Fact]
    public void FromRows_Rows_AreReadBack()
    {
        FeatureMatrix matrix = FeatureMatrix.FromRows([[1.0, 2.0], [3.0, 4.0]], Names);
        Assert.Equal((2, 2), (matrix.Rows, matrix.Features));
        Assert.Equal([3.0, 4.0], matrix.Row(1).ToArray());
        Assert.Equal(2, matrix[0, 1]);
        Assert.Equal("2 rows × 2 features", matrix.ToString());
    }

    [Fact]
    public void SelectRows_RowsTwiceAndOutOfOrder_AreCopied()
    {
        FeatureMatrix selected = FeatureMatrix.FromRows([[1.0, 2.0], [3.0, 4.0]], Names).SelectRows([1, 0, 1]);
        Assert.Equal([3.0, 4.0, 1.0, 2.0, 3.0, 4.0], selected.Values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => selected.SelectRows([3]));
    }

    [Fact]
    public void RequireFeatures_OtherCount_NamesBothShapes()
    {
        FeatureMatrix matrix = new([1, 2], Names);
        var e = Assert.Throws<LearningDataException>(() => matrix.RequireFeatures(["width"]));
        Assert.Equal(
            "The model was fitted on 1 features (width), but the table is 1 rows × 2 features (width, height). " +
            "Give it the features that it was fitted on, in the same order.",
            e.Message);
    }

    [Fact]
    public void RequireFeatures_OtherOrder_NamesTheFirstDifference()
    {
        FeatureMatrix matrix = new([1, 2], Names);
        var e = Assert.Throws<LearningDataException>(() => matrix.RequireFeatures(["height", "width"]));
        Assert.Equal(
            "Feature 0 of the table is 'width', but the model was fitted on 'height' there (height, width). " +
            "Put the columns into the order in which the model was fitted.",
            e.Message);
    }

    [Fact]
    public void RequireFeatures_NoNamesOnOneSide_TakesThemByPosition()
    {
        FeatureMatrix.Unnamed([1, 2], 2).RequireFeatures(Names);
        new FeatureMatrix([1, 2], Names).RequireFeatures(["x0", "x1"]);
    }
}
