using System.Globalization;
using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Samples;

public sealed class WordCountTests
{
    [Fact]
    public async Task WordCount_Defaults_AgreesWithLinqOverTheBible()
    {
        using ProgramRun run = await ProgramRun.OfAsync("wordcount");

        Assert.Equal(Expected(Bible.Read(), 20), run.Answer);
        Assert.True(File.Exists(run.EventLog), run.EventLog);
        Assert.Empty(run.LeftBehind);
    }

    [Theory]
    [MemberData(nameof(HowToRun.All), MemberType = typeof(HowToRun))]
    public async Task WordCount_AnyWorkers_AgreesWithLinqOverTwoFiles(string how, string many)
    {
        using var folder = new TemporaryFolder();
        const string First = "It is what it is.\nIsn't it?\n\n";
        const string Second = "IT was Ümlaut-like; what\ta day: day 1, day 2";
        folder.Write("a.txt", First);
        folder.Write("b.txt", Second);

        using ProgramRun run = await ProgramRun.OfAsync(
            "wordcount", "--input", folder.File("*.txt"), "--top", "4", how, many);

        Assert.Equal(Expected(First + Second, 4), run.Answer);
        Assert.Empty(run.LeftBehind);
    }

    private static IEnumerable<string> Expected(string text, int top)
    {
        string[] words = [.. Regex.Matches(text, @"[\p{L}']+").Select(match => match.Value.ToLowerInvariant())];
        var counts = words.GroupBy(word => word, (word, all) => (Word: word, Count: all.Count())).ToList();
        return counts
            .OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Word, StringComparer.Ordinal).Take(top)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Count,9:N0}  {entry.Word}"))
            .Append(string.Create(
                CultureInfo.InvariantCulture, $"{words.Length:N0} words, {counts.Count:N0} different ones"));
    }
}
