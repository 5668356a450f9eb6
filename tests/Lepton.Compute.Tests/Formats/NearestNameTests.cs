using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("iriss.csv", "iris.csv")]
    [InlineData("IRIS.CSV", "iris.csv")]
    [InlineData("wnie.csv", "wine.csv")]
    [InlineData("something else", null)]
    [InlineData("x", null)]
    public void Find_NameWithTypo_GivesTheNameThatWasMeant(string wanted, string? expected) =>
        Assert.Equal(expected, NearestName.Find(wanted, ["wine.csv", "iris.csv", "digits.csv"]));

    [Fact]
    public void Find_TwoEquallyNear_GivesTheFirstInOrdinalOrder() =>
        Assert.Equal("part1", NearestName.Find("part0", ["part2", "part1"]));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("same", "same", 0)]
    public void Distance_KnownPairs_AreLevenshteins(string from, string to, int expected) =>
        Assert.Equal(expected, NearestName.Distance(from, to));
}
