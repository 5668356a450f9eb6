using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class ProjectEdgesTests
{
    private const string Core = "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>";

    private const string Rpc = """
        <Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
          <ProjectReference Include="../Lepton.Core/Lepton.Core.csproj" />
        </ItemGroup></Project>
        """;

    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(ProjectEdges.Check(SourceTree.Repository));

    [Fact]
    public void Check_ListEqualsReferences_FindsNothing() =>
        Assert.Empty(Check("1  Lepton.Rpc   -> Lepton.Core", "0  Lepton.Core  ->"));

    [Fact]
    public void Check_ReferenceMissingFromList_NamesIt() => Assert.Equal(
        ["src/Lepton.Rpc/Lepton.Rpc.csproj: the reference to Lepton.Core is not listed in ARCHITECTURE.md"],
        Check("1  Lepton.Rpc ->", "0  Lepton.Core ->"));

    [Fact]
    public void Check_ListedEdgeWithoutReference_NamesItsLine() => Assert.Equal(
        ["ARCHITECTURE.md:3: Lepton.Core does not reference Lepton.Low"],
        Check("1  Lepton.Rpc -> Lepton.Core", "1  Lepton.Core -> Lepton.Low", "0  Lepton.Low ->")
            .Where(fault => fault.Contains("does not reference", StringComparison.Ordinal)));

    [Fact]
    public void Check_ProjectMissingFromList_NamesIt() => Assert.Equal(
        ["src/Lepton.Rpc/Lepton.Rpc.csproj: Lepton.Rpc has no line in the floors of ARCHITECTURE.md"],
        Check("0  Lepton.Core ->"));

    [Fact]
    public void Check_ListedProjectMissingFromTree_NamesIt() => Assert.Equal(
        ["ARCHITECTURE.md:4: there is no project Lepton.Gone under src/"],
        Check("1  Lepton.Rpc -> Lepton.Core", "0  Lepton.Core ->", "0  Lepton.Gone ->"));

    [Fact]
    public void Check_EdgeOnOneFloor_Refused() => Assert.Equal(
        ["ARCHITECTURE.md:2: Lepton.Rpc on floor 0 may only reference lower floors, not Lepton.Core"],
        Check("0  Lepton.Rpc -> Lepton.Core", "0  Lepton.Core ->"));

    [Fact]
    public void Check_NoPage_SaysSo() => Assert.Single(ProjectEdges.Check(SourceTree.Of()));

    private static IEnumerable<string> Check(params string[] list) => ProjectEdges.Check(SourceTree.Of(
        ("src/Lepton.Core/Lepton.Core.csproj", Core),
        ("src/Lepton.Rpc/Lepton.Rpc.csproj", Rpc),
        ("ARCHITECTURE.md", string.Join('\n', list.Prepend("# Floors")))))
        .Select(fault => fault.ToString());
}
