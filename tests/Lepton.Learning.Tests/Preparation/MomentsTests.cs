using FsCheck.Fluent;

namespace Lepton.Learning.Tests.Preparation;

public sealed class MomentsTests
{
    [Fact]
    public void Add_ValuesNearABillionWithSpreadOne_KeepsTheVariance()
    {
        // 1e9, 1e9 + 1, 1e9 + 2, …: sums of squares would need 19 digits and leave nothing of the variance.
        Moments[] parts = [new(1), new(1), new(1)];
        for (int i = 0; i < 3000; i++)
        {
            parts[i / 1000].Add([1e9 + (i % 4)]);
        }

        Moments all = parts.Aggregate(Moments.Merge);
        Assert.Equal(3000, all.Count);
        Assert.InRange(all.Mean[0] - 1e9, 1.5 - 1e-6, 1.5 + 1e-6);
        Assert.InRange(all.Variance(0), 1.25 - 1e-9, 1.25 + 1e-9);
    }

    [Fact]
    public void Merge_AnyGrouping_IsTheSameUpToRounding() =>
        Prop.ForAll<int, byte, byte>((seed, firstCut, secondCut) =>
        {
            LabeledTable table = SyntheticTables.Make((ulong)(uint)seed, rows: 90);
            int a = Math.Min(firstCut % 91, secondCut % 91);
            int b = Math.Max(firstCut % 91, secondCut % 91);
            Moments first = Part(table, 0, a);
            Moments second = Part(table, a, b);
            Moments third = Part(table, b, 90);
            Moments whole = Moments.Of(table.Features);
            return Close(whole, Moments.Merge(Moments.Merge(first, second), third))
                && Close(whole, Moments.Merge(first, Moments.Merge(second, third)))
                && Close(whole, Moments.Merge(third, Moments.Merge(second, first)));
        }).Holds();

    [Fact]
    public void Merge_WithNone_IsTheOtherBitForBit()
    {
        Moments some = Moments.Of(SyntheticTables.Make(1).Features);
        foreach (Moments merged in new[] { Moments.Merge(some, new Moments(5)), Moments.Merge(new Moments(5), some) })
        {
            Assert.Equal(some.Count, merged.Count);
            Assert.Equal(some.Mean, merged.Mean);
            Assert.Equal(some.M2, merged.M2);
        }
    }

    [Fact]
    public void Merge_OtherColumns_NamesBothShapes()
    {
        var e = Assert.Throws<LearningDataException>(() => Moments.Merge(new Moments(2), new Moments(3)));
        Assert.Equal(
            "Moments of 2 columns can't be merged with moments of 3 columns. Gather both over the same " +
            "features.", e.Message);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Add_NotFinite_NamesRowAndColumnAndIsNotTaken(double value, string text)
    {
        Moments moments = new(2);
        moments.Add([1, 2]);
        LearningDataException fault = Assert.Throws<LearningDataException>(() => moments.Add([3, value]));
        Assert.Equal(
            $"Row 1 of a part, counted from 0, has {text} in column 1, and moments need finite numbers. Leave such " +
            "rows out or fill the gaps first.",
            fault.Message);
        Assert.Equal(1, moments.Count);
        Assert.Equal([1, 2], moments.Mean);
    }

    [Fact]
    public void Add_OtherColumns_NamesBothShapes()
    {
        var e = Assert.Throws<LearningDataException>(() => new Moments(2).Add([1, 2, 3]));
        Assert.Equal(
            "A row of 3 values can't be added to moments of 2 columns. Give every row one value for each " +
            "column.", e.Message);
    }

    [Fact]
    public void Constructor_ListsDiffer_NamesBothLengths()
    {
        var e = Assert.Throws<ArgumentException>(() => new Moments(1, [1, 2], [1]));
        Assert.StartsWith(
            "2 means and 1 sums of squares were given; one of each for every column was expected.", e.Message);
    }

    private static Moments Part(LabeledTable table, int from, int to) =>
        Moments.Of(table.Features.SelectRows([.. Enumerable.Range(from, to - from)]));

    private static bool Close(Moments a, Moments b) => a.Count == b.Count
        && a.Mean.Zip(b.Mean).Concat(a.M2.Zip(b.M2))
            .All(pair => Math.Abs(pair.First - pair.Second) <= 1e-12 * Math.Abs(pair.First));
}
