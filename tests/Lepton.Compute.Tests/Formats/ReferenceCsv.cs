using System.Text;

namespace Lepton.Compute.Tests.Formats;

/// <summary>
/// CSV told plainly, a character at a time, to compare the fast reader with. Null stands for a row that is malformed.
/// </summary>
internal static class ReferenceCsv
{
    public static List<string[]?> Rows(string text, bool trims)
    {
        var rows = new List<string[]?>();
        int at = 0;
        while (at < text.Length)
        {
            var fields = new List<string>();
            bool isFaulty = false;
            bool isBlank = true;
            while (true)
            {
                (string field, bool isQuoted, bool isFieldFaulty) = Field(text, ref at, trims);
                fields.Add(field);
                isFaulty |= isFieldFaulty;
                isBlank &= field.Length == 0 && !isQuoted && !isFieldFaulty;
                if (at == text.Length || text[at++] == '\n')
                {
                    break;
                }
            }

            if (!(isBlank && fields.Count == 1))
            {
                rows.Add(isFaulty ? null : [.. fields]);
            }
        }

        return rows;
    }

    /// <summary>Reads one field and stops at the delimiter, the line end or the text's end.</summary>
    private static (string Field, bool IsQuoted, bool IsFaulty) Field(string text, ref int at, bool trims)
    {
        int open = at;
        while (trims && open < text.Length && text[open] == ' ')
        {
            open++;
        }

        var field = new StringBuilder();
        if (open == text.Length || text[open] != '"')
        {
            string raw = UntilStop(text, ref at);
            return (trims ? raw.Trim(' ') : raw, false, false);
        }

        for (at = open + 1; at < text.Length; at++)
        {
            bool isDoubled = text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"';
            if (text[at] == '"' && !isDoubled)
            {
                at++;
                string behind = UntilStop(text, ref at);
                return (field.ToString(), true, (trims ? behind.Trim(' ') : behind).Length > 0);
            }

            field.Append(text[at]);
            at += isDoubled ? 1 : 0;
        }

        return (field.ToString(), true, true);
    }

    private static string UntilStop(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is not (',' or '\n'))
        {
            at++;
        }

        bool endsWithReturn = at < text.Length && text[at] == '\n' && at > start && text[at - 1] == '\r';
        return text[start..(endsWithReturn ? at - 1 : at)];
    }
}
