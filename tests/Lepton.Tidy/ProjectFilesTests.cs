using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class ProjectFilesTests
{
    private const string Project = "<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{0}</ItemGroup></Project>";

    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(ProjectFiles.Check(SourceTree.Repository));

    [Fact]
    public void Check_ReferencesOnly_FindsNothing() =>
        Assert.Empty(Check(Project.Replace("{0}", "<PackageReference Include=\"X\" />", StringComparison.Ordinal)));

    [Theory]
    [InlineData("<Project><PropertyGroup><Nullable>enable</Nullable></PropertyGroup></Project>", "<PropertyGroup>")]
    [InlineData("<Project><Target Name=\"X\" /></Project>", "<Target>")]
    [InlineData("<Project><ItemGroup><Compile Include=\"../x.cs\" /></ItemGroup></Project>", "<Compile>")]
    public void Check_MoreThanReferences_Refused(string project, string element) =>
        Assert.Contains($"Lepton.A.csproj: {element}", Assert.Single(Check(project)), StringComparison.Ordinal);

    [Fact]
    public void Check_SourceProjectWithoutTests_Refused() => Assert.Equal(
        ["src/Lepton.A/Lepton.A.csproj: there is no tests/Lepton.A.Tests"],
        Faults(("src/Lepton.A/Lepton.A.csproj", "<Project />"), Solution("src/Lepton.A/Lepton.A.csproj")));

    [Fact]
    public void Check_CommandWithoutTestProject_Allowed() => Assert.Empty(
        Faults(("src/Lepton.Cli/Lepton.Cli.csproj", "<Project />"), Solution("src/Lepton.Cli/Lepton.Cli.csproj")));

    [Fact]
    public void Check_ProjectOutsideSolution_Refused() => Assert.Equal(
        ["Lepton.slnx: does not list samples/iris/iris.csproj"],
        Faults(("samples/iris/iris.csproj", "<Project />"), Solution()));

    [Fact]
    public void Check_SolutionListsMissingProject_Refused() => Assert.Equal(
        ["Lepton.slnx: lists bench/gone.csproj, which does not exist"], Faults(Solution("bench/gone.csproj")));

    private static IEnumerable<string> Check(string project) => Faults(
        ("src/Lepton.A/Lepton.A.csproj", project),
        ("tests/Lepton.A.Tests/Lepton.A.Tests.csproj", "<Project />"),
        Solution("src/Lepton.A/Lepton.A.csproj", "tests/Lepton.A.Tests/Lepton.A.Tests.csproj"));

    private static IEnumerable<string> Faults(params (string, string)[] files) =>
        ProjectFiles.Check(SourceTree.Of(files)).Select(fault => fault.ToString());

    private static (string, string) Solution(params string[] projects) => (
        "Lepton.slnx",
        $"<Solution>{string.Concat(projects.Select(path => $"<Project Path=\"{path}\" />"))}</Solution>");
}
