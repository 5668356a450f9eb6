using Lepton.Tidy.Checks;
using Lepton.Tidy.Source;

namespace Lepton.Tidy;

public sealed class TextRulesTests
{
    [Fact]
    public void Check_ThisRepository_FindsNothing() => Fault.AssertNone(TextRules.Check(SourceTree.Repository));

    [Theory]
    [InlineData("cd /ho" + "me/ann/lepton", "a path of one machine: /ho" + "me/ann/lepton")]
    [InlineData("(see /wo" + "rk/main)", "a path of one machine: /wo" + "rk/main")]
    [InlineData(@"C:\Use" + @"rs\ann", @"a path of one machine: C:\Use" + @"rs\ann")]
    [InlineData("https://api.nuget." + "org/v3", "the host of a package registry: api.nuget." + "org")]
    [InlineData("registry.npmjs." + "org", "the host of a package registry: registry.npmjs." + "org")]
    [InlineData("- TO" + "DO: write this page", "a reminder; do it, or write an issue")]
    public void Check_PlantedFault_Found(string line, string message)
    {
        var fault = Assert.Single(TextRules.Check(SourceTree.Of(("docs/a.md", $"# A page\n{line}\n"))));

        Assert.Equal($"docs/a.md:2: {message}", fault.ToString());
    }

    [Theory]
    [InlineData("samples/home/x, bench/work/y, $root/work/z and https://example.com/home/x")]
    [InlineData("/tmp and /usr/share/dotnet are the same everywhere; NuGet packages")]
    public void Check_OtherText_FindsNothing(string line) =>
        Assert.Empty(TextRules.Check(SourceTree.Of(("README.md", line))));
}
