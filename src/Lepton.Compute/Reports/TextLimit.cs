namespace Lepton.Compute.Reports;

/// <summary>Keeps texts of any length from making the page unreadable.</summary>
internal static class TextLimit
{
    /// <summary>The first <paramref name="charsMax"/> characters, with an ellipsis when there are more.</summary>
    public static string Cut(string text, int charsMax)
    {
        if (text.Length <= charsMax)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}
