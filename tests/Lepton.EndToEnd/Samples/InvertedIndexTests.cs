using System.Globalization;
using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Samples;

public sealed class InvertedIndexTests
{
    private const string Small = """

        Genesis 1

          1 In the beginning God created
        the heaven and the earth.
          2 And the earth was without form.

        1 John 2

          1 My little children, in truth
          2 God (is) in the light.

        """;

    private static readonly Regex s_chapter = new(
        @"^(?<name>\S.*)\n\n(?<body>(?: .*\n?(?:\S.*\n?)*)+)", RegexOptions.Multiline);

    private static readonly Regex s_verseStart = new(@"^ +(?=\d)", RegexOptions.Multiline);

    [Fact]
    public async Task InvertedIndex_Defaults_AgreesWithLinqOverTheBible()
    {
        using ProgramRun run = await ProgramRun.OfAsync("inverted-index");

        Assert.Equal(Expected(Bible.Read(), ["light", "darkness", "camel", "leviathan"], 3), run.Answer);
        Assert.True(File.Exists(run.EventLog), run.EventLog);
        Assert.Empty(run.LeftBehind);
    }

    [Theory]
    [MemberData(nameof(HowToRun.All), MemberType = typeof(HowToRun))]
    public async Task InvertedIndex_AnyWorkers_AgreesWithLinqOverAFewVerses(string how, string many)
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("small.txt", Small);

        using ProgramRun run = await ProgramRun.OfAsync(
            "inverted-index", "--input", text, "--words", "God,in,nothing", "--show", "2", how, many);

        string[] expected =
        [
            "17 words point to 4 verses, 24 times",
            "god: 2 verses",
            "  Genesis 1:1  In the beginning God created the heaven and the earth.",
            "  1 John 2:2  God (is) in the light.",
            "in: 3 verses",
            "  Genesis 1:1  In the beginning God created the heaven and the earth.",
            "  1 John 2:1  My little children, in truth",
            "nothing: 0 verses",
        ];
        Assert.Equal(expected, run.Answer);
        Assert.Equal(Expected(Small, ["god", "in", "nothing"], 2), run.Answer);
        Assert.Empty(run.LeftBehind);
    }

    private static IEnumerable<string> Expected(string text, string[] wanted, int show)
    {
        List<(string Name, string Text)> verses = [.. Verses(text)];
        var index = verses
            .SelectMany((verse, number) => Words(verse.Text).Distinct().Select(word => (word, number)))
            .ToLookup(entry => entry.word, entry => entry.number);
        int entries = index.Sum(word => word.Count());
        return wanted
            .SelectMany(word => index[word].Take(show)
                .Select(number => $"  {verses[number].Name}  {verses[number].Text}")
                .Prepend(Text($"{word}: {index[word].Count():N0} verses")))
            .Prepend(Text($"{index.Count:N0} words point to {verses.Count:N0} verses, {entries:N0} times"));
    }

    // A chapter at a time: its name, a blank line, its verses up to the next blank line.
    private static IEnumerable<(string Name, string Text)> Verses(string text)
    {
        foreach (Match chapter in s_chapter.Matches(text))
        {
            foreach (string verse in s_verseStart.Split(chapter.Groups["body"].Value).Skip(1))
            {
                string[] parts = verse.Trim().Replace('\n', ' ').Split(' ', 2);
                yield return ($"{chapter.Groups["name"].Value}:{parts[0]}", parts[1]);
            }
        }
    }

    private static IEnumerable<string> Words(string text) =>
        Regex.Matches(text.ToLowerInvariant(), @"[^\s,.;:!?()-]+").Select(match => match.Value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
