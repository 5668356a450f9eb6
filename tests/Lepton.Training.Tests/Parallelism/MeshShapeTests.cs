using Lepton.Training.Parallelism;

namespace Lepton.Training.Tests.Parallelism;

public sealed class MeshShapeTests
{
    [Fact]
    public void PlaceOf_EveryRank_RankOfGivesItBack()
    {
        var shape = new MeshShape(2, 3, 4);

        MeshPlace[] places = [.. Enumerable.Range(0, shape.Size).Select(shape.PlaceOf)];

        Assert.Equal(24, places.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 24), places.Select(shape.RankOf));
        Assert.Equal(new MeshPlace(0, 1, 0), places[1]);
        Assert.Equal(new MeshPlace(1, 0, 0), places[3]);
        Assert.Equal(new MeshPlace(0, 0, 1), places[6]);
    }

    [Theory]
    [InlineData("2x1")]
    [InlineData("2x1x0")]
    [InlineData("2x1x-1")]
    [InlineData("axbxc")]
    [InlineData("")]
    [InlineData("100000x100000x100000")]
    public void Parse_NoMesh_SaysWhatIsExpected(string text) => Assert.Contains(
        "data x tensor x pipeline", Assert.Throws<ArgumentException>(() => MeshShape.Parse(text)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void RequireRanks_OtherNumber_NamesBoth()
    {
        string message = Assert.Throws<ArgumentException>(() => MeshShape.Parse("2x2x1").RequireRanks(3)).Message;

        Assert.Contains("2x2x1", message, StringComparison.Ordinal);
        Assert.Contains("is for 4 ranks, and there are 3", message, StringComparison.Ordinal);
        Assert.Contains("3x1x1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Divide_HeadsThatAxisDoesNotDivide_NamesWhatWould()
    {
        MeshAxis axis = MeshAxis.Planned("tensor", 0, 4);

        Assert.Equal(3, axis.Divide(12, "heads"));
        Assert.Contains(
            "6 heads can't be divided among 4 ranks of the mesh's tensor axis. Give a mesh with one of 1, 2, 3, 6",
            Assert.Throws<ArgumentException>(() => axis.Divide(6, "heads")).Message, StringComparison.Ordinal);
    }
}
