using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class SizesTests
{
    /// <summary>How many excuses the allow-list may hold. Lower it when one goes; never raise it.</summary>
    private const int AllowedEntriesMax = 0;

    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(Sizes.Check(SourceTree.Repository));

    [Fact]
    public void AllowList_ThisRepository_OnlyShrinks()
    {
        var count = AllowList.Parse(SourceTree.Repository.Find(Sizes.AllowListPath)).Entries.Count;

        Assert.True(
            count == AllowedEntriesMax,
            $"{count} entries, {AllowedEntriesMax} allowed. If entries went, lower AllowedEntriesMax to {count}.");
    }

    [Fact]
    public void Check_FileOf500Lines_Allowed() => Assert.Empty(Check(Lines("// x", 500)));

    [Fact]
    public void Check_FileOf501Lines_Refused() =>
        Assert.Equal(["a.cs:1: 501 lines; a file holds 500 at most"], Check(Lines("// x", 501)));

    [Fact]
    public void Check_LineOf121Columns_Refused() => Assert.Equal(
        ["a.cs:2: 121 columns; a line holds 120 at most"],
        Check($"{new string('/', 120)}\n{new string('/', 121)}\n"));

    [Fact]
    public void Check_ScriptWithLongLine_Refused() => Assert.Single(Sizes.Check(
        SourceTree.Of(("lepton", new string('#', 121)))));

    [Theory]
    [InlineData(70, 0)]
    [InlineData(71, 1)]
    public void Check_Method_LinesCounted(int lines, int faults) =>
        Assert.Equal(faults, Check($"class C {{\n/// <summary>Free.</summary>\n[A]\n{Method(lines)} }}").Count());

    [Fact]
    public void Check_LongMethod_NamesIt() => Assert.Equal(
        ["a.cs:2: M has 71 lines; a function holds 70 at most"], Check($"class C {{\n{Method(71)} }}"));

    [Fact]
    public void Check_LongLocalFunctionAccessorAndConstructor_AllRefused()
    {
        var body = $"{{\n{Lines("", 70)}}}";

        Assert.Single(Check($"class C {{ C() {body} }}"));
        Assert.Single(Check($"class C {{ int P {{ get {body} }} }}"));
        Assert.Equal(
            [
                "a.cs:1: L has 72 lines; a function holds 70 at most",
                "a.cs:1: M has 72 lines; a function holds 70 at most",
            ],
            Check($"class C {{ void M() {{ void L() {body} }} }}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Check_LongTopLevelProgram_Refused() => Assert.Equal(
        ["a.cs:1: Main has 71 lines; a function holds 70 at most"], Check(Lines("F();", 71)));

    [Fact]
    public void Check_EntryCoversSize_Excused() =>
        Assert.Empty(Check(Lines("// x", 501), "# why\n\nfile a.cs * 501\n"));

    [Fact]
    public void Check_FileOutgrewItsEntry_RefusedTwice() => Assert.Equal(
        [
            "a.cs:1: 502 lines; a file holds 500 at most",
            "tests/Lepton.Tidy/allowed.txt:1: no longer needed; remove it: file a.cs * 501",
        ],
        Check(Lines("// x", 502), "file a.cs * 501"));

    [Fact]
    public void Check_EntryNotNeeded_Refused() => Assert.Equal(
        ["tests/Lepton.Tidy/allowed.txt:1: no longer needed; remove it: function a.cs M 80"],
        Check("class C;", "function a.cs M 80"));

    [Fact]
    public void Check_MalformedEntry_SaysWhatIsExpected() => Assert.Equal(
        ["tests/Lepton.Tidy/allowed.txt:1: expected `file|line|function PATH MEMBER|* SIZE`, found: a.cs 501"],
        Check("class C;", "a.cs 501"));

    private static IEnumerable<string> Check(string text, string allowed = "") =>
        Sizes.Check(SourceTree.Of(("a.cs", text), (Sizes.AllowListPath, allowed))).Select(fault => fault.ToString());

    private static string Lines(string line, int count) => string.Concat(Enumerable.Repeat(line + "\n", count));

    private static string Method(int lines) => $"void M()\n{{\n{Lines("F();", lines - 3)}}}";
}
