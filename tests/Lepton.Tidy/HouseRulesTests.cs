using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class HouseRulesTests
{
    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(HouseRules.Check(SourceTree.Repository));

    [Theory]
    [InlineData("namespace N { class C; }", "file-scoped namespace")]
    [InlineData("namespace N; public class A; public record B;", "second public type")]
    [InlineData("namespace N; public class A; public delegate void B();", "second public type")]
    [InlineData("class FileManager;", "FileManager says nothing")]
    [InlineData("class StringHelpers;", "StringHelpers says nothing")]
    [InlineData("static class MathUtil;", "MathUtil says nothing")]
    [InlineData("partial class C { void M() { } }", "C is partial")]
    [InlineData("class C { void M() { try { } catch { } } }", "empty catch")]
    [InlineData("class C { void M() { try { } catch (Exception) { /* nothing to do */ } } }", "empty catch")]
    [InlineData("// TO" + "DO: later\nclass C;", "reminder")]
    [InlineData("/// <summary>FIX" + "ME</summary>\nclass C;", "reminder")]
    [InlineData("class C { /* HA" + "CK */ }", "reminder")]
    public void Check_PlantedFault_Found(string code, string message) =>
        Assert.Contains(message, Assert.Single(Check("src/A.cs", code)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("namespace N; public class A { public class Inner; } internal class B; enum D { X }")]
    [InlineData("partial class C { [GeneratedRegex(\"x\")] private static partial Regex X(); }")]
    [InlineData("[JsonSerializable(typeof(int))] partial class C : JsonSerializerContext;")]
    [InlineData("static partial class C { [LoggerMessage(1)] static partial void X(); }")]
    [InlineData("partial class C { [System.Runtime.InteropServices.LibraryImport(\"x\")] static partial void X(); }")]
    [InlineData("class C { void M() { try { } catch (Exception e) { Log(e); } } }")]
    [InlineData("class Managers { string s = \"TODO\"; }")]
    [InlineData("class C { Task M() => Task.Delay(1); }")]
    public void Check_AllowedCode_FindsNothing(string code) => Assert.Empty(Check("src/A.cs", code));

    [Theory]
    [InlineData("class C { void M() { Thread.Sleep(1); } }", "Thread.Sleep in a test")]
    [InlineData("class C { Task M() => Task.Delay(1); }", "Task.Delay in a test")]
    [InlineData("class C { Task M() => System.Threading.Tasks.Task.Delay(1, ct); }", "Task.Delay in a test")]
    [InlineData("class C { [Fact(Skip = \"flaky\")] void M() { } }", "always skipped")]
    public void Check_PlantedFaultInTests_Found(string code, string message) =>
        Assert.Contains(message, Assert.Single(Check("tests/X/A.cs", code)).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_EventIdTwice_Found()
    {
        const string Code = "static partial class C { [LoggerMessage(21, \"x\")] static partial void X(); }";
        SourceTree tree = SourceTree.Of(("src/A.cs", Code), ("src/B.cs", Code));
        Assert.Equal("src/B.cs:1: the event id 21 is another event's already; take a free one",
            Assert.Single(HouseRules.Check(tree)).ToString());
    }

    [Fact]
    public void Check_Fault_NamesItsLine() =>
        Assert.Equal(3, Assert.Single(Check("src/A.cs", "class A;\n\nclass BUtil;\n")).Line);

    private static IEnumerable<Fault> Check(string path, string code) => HouseRules.Check(SourceTree.Of((path, code)));
}
