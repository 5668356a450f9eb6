namespace Lepton.Learning.Tests.Preparation;

public sealed class StandardScalerTests
{
    private static readonly FeatureMatrix Features = FeatureMatrix.FromRows(
        [[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]], ["width", "constant"]);

    [Fact]
    public void Fit_ConstantFeature_HasScaleOne()
    {
        StandardScalerModel scaler = new StandardScaler().Fit(Features);
        Assert.Equal([2.0, 7.0], scaler.Mean);
        Assert.Equal([Math.Sqrt(2.0 / 3), 1.0], scaler.Scale);
    }

    [Fact]
    public void Fit_SpreadWithinRounding_CountsAsConstant()
    {
        double value = 0.1;
        FeatureMatrix features = FeatureMatrix.Unnamed([value, Math.BitIncrement(value), value], 1);
        Assert.Equal([1.0], new StandardScaler().Fit(features).Scale);
    }

    [Fact]
    public void Fit_ManyRowsNearABillion_KeepsTheSpread()
    {
        Moments moments = new(20_000_000, [1e9], [20_000_000.0]);
        Assert.Equal([1.0], new StandardScaler().Fit(moments, ["width"]).Scale);
        Assert.Equal([2.0], new StandardScaler().Fit(new Moments(20_000_000, [1e9], [80_000_000.0]), ["width"]).Scale);
    }

    [Fact]
    public void Transform_FittedRows_HaveMeanZeroAndDeviationOne()
    {
        FeatureMatrix scaled = new StandardScaler().Fit(Features).Transform(Features);
        Moments moments = Moments.Of(scaled);
        Assert.Equal(0, moments.Mean[0], 1e-15);
        Assert.Equal(1, moments.Variance(0), 1e-15);
        Assert.Equal([0.0, 0.0, 0.0], [scaled[0, 1], scaled[1, 1], scaled[2, 1]]);
        Assert.Equal(Features.Names, scaled.Names);
    }

    [Theory]
    [InlineData(true, false, 1.0)]
    [InlineData(false, true, 3.674234614174767)]
    [InlineData(false, false, 3.0)]
    public void Transform_PartsSwitchedOff_DoesTheOthers(bool withMean, bool withStd, double expected)
    {
        StandardScalerModel scaler = new StandardScaler { WithMean = withMean, WithStd = withStd }.Fit(Features);
        Assert.Equal(expected, scaler.Transform(Features)[2, 0], 1e-12);
    }

    [Fact]
    public void Fit_NoRows_SaysWhatToCheck()
    {
        FeatureMatrix empty = new([], ["width"]);
        var e = Assert.Throws<LearningDataException>(() => new StandardScaler().Fit(empty));
        Assert.Equal(
            "The table has no rows (1 features: width), and fitting a StandardScaler needs at least one. " +
            "Check the source and the filters before this step.",
            e.Message);
        e = Assert.Throws<LearningDataException>(() => new StandardScaler().Fit(new Moments(1), ["width"]));
        Assert.Equal(
            "No row was seen, and fitting a StandardScaler needs at least one. Check the source and the filters " +
            "before this step.",
            e.Message);
    }

    [Fact]
    public void Fit_NamesDoNotFit_NamesBothShapes()
    {
        var e = Assert.Throws<LearningDataException>(() => new StandardScaler().Fit(new Moments(2), ["width"]));
        Assert.Equal(
            "The moments have 2 columns, but there are 1 feature names (width). Name every column once.", e.Message);
    }

    [Fact]
    public void Transform_OtherShape_NamesBothShapes()
    {
        StandardScalerModel scaler = new StandardScaler().Fit(Features);
        var e = Assert.Throws<LearningDataException>(() => scaler.Transform(FeatureMatrix.Unnamed([1], 1)));
        Assert.StartsWith(
            "The model was fitted on 2 features (width, constant), but the table is 1 rows × 1 features", e.Message);
        e = Assert.Throws<LearningDataException>(() => scaler.Transform([1.0], new double[2]));
        Assert.Equal(
            "The scaler was fitted on 2 features, but the row has 1 values and the result room for 2. Give it the " +
            "features that it was fitted on, in the same order.",
            e.Message);
    }

    [Fact]
    public void FromBytes_SavedScaler_IsTheSame()
    {
        StandardScalerModel scaler = new StandardScaler().Fit(SyntheticTables.Make(3).Features);
        StandardScalerModel loaded = StandardScalerModel.FromBytes(scaler.ToBytes());
        Assert.Equal(scaler.FeatureNames, loaded.FeatureNames);
        Assert.Equal(scaler.Mean, loaded.Mean);
        Assert.Equal(scaler.Scale, loaded.Scale);
        Assert.Equal(scaler.Sha256, loaded.Sha256);
    }
}
