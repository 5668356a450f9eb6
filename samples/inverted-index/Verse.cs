namespace InvertedIndex;

/// <summary>A verse of the Bible.</summary>
/// <param name="Number">Its place in the whole text, from 0.</param>
/// <param name="Name">Such as <c>Genesis 1:3</c>.</param>
/// <param name="Text">Its words, without line breaks.</param>
public sealed record Verse(int Number, string Name, string Text)
{
    /// <summary>
    /// Joins the lines of the text to verses. A chapter's name stands on a line of its own between blank lines; a verse
    /// begins with its indented number and goes on until the next blank line or number.
    /// </summary>
    public static IEnumerable<Verse> FromLines(IEnumerable<string> lines)
    {
        string chapter = "";
        string number = "";
        var text = new List<string>();
        int count = 0;
        foreach (string line in lines)
        {
            bool begins = line.StartsWith(' ');
            if ((begins || line.Length == 0) && text.Count > 0)
            {
                yield return new Verse(count++, $"{chapter}:{number}", string.Join(' ', text));
                text.Clear();
            }

            if (begins)
            {
                string[] parts = line.TrimStart().Split(' ', 2);
                number = parts[0];
                text.Add(parts[1]);
            }
            else if (text.Count > 0)
            {
                text.Add(line);
            }
            else if (line.Length > 0)
            {
                chapter = line;
            }
        }

        if (text.Count > 0)
        {
            yield return new Verse(count, $"{chapter}:{number}", string.Join(' ', text));
        }
    }

    /// <summary>The different words of the verse, in small letters.</summary>
    public IEnumerable<string> Words() =>
        Text.ToLowerInvariant()
            .Split([' ', ',', '.', ';', ':', '!', '?', '(', ')', '-'], StringSplitOptions.RemoveEmptyEntries)
            .Distinct();
}
