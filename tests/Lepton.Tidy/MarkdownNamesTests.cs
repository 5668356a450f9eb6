using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class MarkdownNamesTests
{
    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(MarkdownNames.Check(SourceTree.Repository));

    [Theory]
    [InlineData("`ShuffleWriter`", "`ShuffleWriter`: there is no ShuffleWriter in the code")]
    [InlineData("`RowReader.Gone`", "`RowReader.Gone`: there is no Gone in the code")]
    [InlineData("`RowReader.Gone<int>(x, y)`", "`RowReader.Gone<int>(x, y)`: there is no Gone in the code")]
    [InlineData("`src/Lepton.Core/Gone.cs`", "`src/Lepton.Core/Gone.cs` does not exist")]
    [InlineData("`docs/gone/`", "`docs/gone/` does not exist")]
    [InlineData("`Gone.cs`", "`Gone.cs` does not exist")]
    [InlineData("`lepton explode`", "`lepton` knows no explode (no such literal in src/Lepton.Cli)")]
    [InlineData("`./lepton run X [--fast] [--gone 3]`", "`lepton` knows no --gone (no such literal in src/Lepton.Cli)")]
    public void Check_UnknownName_Found(string line, string message) =>
        Assert.Equal($"README.md:1: {message}", Assert.Single(Check(line)).ToString());

    [Fact]
    public void Check_CommandInFencedBlock_Found() => Assert.Equal(
        ["README.md:3: `lepton` knows no explode (no such literal in src/Lepton.Cli)"],
        Check("Do this:\n```sh\n./lepton explode\n```\n").Select(fault => fault.ToString()));

    [Theory]
    [InlineData("`RowReader`, `RowReader<T>`, `RowReader.ReadAll()` and `RowReader.ReadAll<int>`")]
    [InlineData("`OuterThing.Anything` is of others; so is `OuterThing`")]
    [InlineData("`src/Lepton.Core/RowReader.cs`, `RowReader.cs`, `src/`, `./docs/` and `docs/guide.md`")]
    [InlineData("`./lepton run samples/x --fast -- --gone explode`, `lepton`, `lepton run PROJECT|DLL [-- args]`")]
    [InlineData("`lepton_core_rows_total`, `x => x.Gone`, `true`, `Select`, `SIGKILL`, `1,0,1,2`, `a/b`, `--flag`")]
    [InlineData("GoneThing outside a span")]
    [InlineData("```csharp\nvar x = GoneThing.Of(1);\n```")]
    public void Check_KnownNamesAndOtherText_FindsNothing(string line) => Assert.Empty(Check(line));

    [Fact]
    public void Check_PageUnderDocs_Checked() => Assert.Single(MarkdownNames.Check(
        SourceTree.Of(("docs/decisions/2026-01-01-x.md", "`GoneThing`"))));

    private static IEnumerable<Fault> Check(string page) => MarkdownNames.Check(SourceTree.Of(
        ("README.md", page),
        ("docs/guide.md", ""),
        ("src/Lepton.Core/RowReader.cs", "class RowReader<T> { void ReadAll() { } }"),
        ("src/Lepton.Cli/Program.cs", "Add(\"run\"); Add(\"--fast\");"),
        (MarkdownNames.OutsideNamesPath, "OuterThing\nOuterThing.Anything\n")));
}
