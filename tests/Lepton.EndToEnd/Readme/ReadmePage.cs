using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Readme;

/// <summary>The README, cut into its fenced blocks.</summary>
internal sealed class ReadmePage
{
    private static readonly Regex s_block = new(
        "^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline);

    private readonly List<(string Language, string Text)> _blocks;

    private ReadmePage(string text)
    {
        Text = text;
        _blocks =
        [
            .. s_block.Matches(text).Select(match => (match.Groups["language"].Value, match.Groups["text"].Value)),
        ];
    }

    public string Text { get; }

    public static ReadmePage Read() => new(File.ReadAllText(Repository.File("README.md")));

    /// <summary>All blocks of a language.</summary>
    public IEnumerable<string> Blocks(string language) =>
        _blocks.Where(block => block.Language == language).Select(block => block.Text);

    /// <summary>The first block in one language behind the first one in another.</summary>
    public string BlockBehind(string language, string then) =>
        _blocks.SkipWhile(block => block.Language != language).First(block => block.Language == then).Text;
}
