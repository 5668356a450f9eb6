using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Readme;

/// <summary>The README, cut into its fenced blocks.</summary>
internal sealed class ReadmePage
{
    private readonly List<(string Language, string Text)> _blocks;

    private ReadmePage(string text)
    {
        Text = text;
        _blocks =
        [
            .. Regex.Matches(text, "^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
                .Select(match => (match.Groups["language"].Value, match.Groups["text"].Value)),
        ];
    }

    public string Text { get; }

    public static ReadmePage Read() => new(File.ReadAllText(Repository.File("README.md")));

    /// <summary>All blocks of a language.</summary>
    public IEnumerable<string> Blocks(string language) =>
        _blocks.Where(block => block.Language == language).Select(block => block.Text);

    /// <summary>The first block of <paramref name="then"/> behind the first one of <paramref name="language"/>.</summary>
    public string BlockBehind(string language, string then) =>
        _blocks.SkipWhile(block => block.Language != language).First(block => block.Language == then).Text;
}
