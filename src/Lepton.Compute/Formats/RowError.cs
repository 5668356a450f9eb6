namespace Lepton.Compute.Formats;

/// <summary>Why a row can't be read.</summary>
/// <param name="File">The full path of the file.</param>
/// <param name="Line">The line on which the row starts, from 1, in the whole file.</param>
/// <param name="Column">The column's name, or the path within a JSON value; null when it is the row as a whole.</param>
/// <param name="Value">What stands there, cut after 80 characters.</param>
/// <param name="Expected">What should stand there.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record RowError(string File, long Line, string? Column, string Value, string Expected, string Reason)
{
    internal const int ValueCharsMax = 80;

    /// <summary>The error as one sentence.</summary>
    public override string ToString()
    {
        string column = Column is null ? "" : $", column '{Column}'";
        return $"{File}, line {Line}{column}: {Reason}: '{Value}'. Expected {Expected}.";
    }

    /// <summary>Text as it is shown: at most <see cref="ValueCharsMax"/> characters, line ends visible.</summary>
    internal static string Show(ReadOnlySpan<byte> utf8)
    {
        // Four bytes at most make one character: no need to decode a megabyte to show eighty.
        string text = System.Text.Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * (ValueCharsMax + 1))]);
        string visible = text.Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return visible.Length <= ValueCharsMax ? visible : visible[..ValueCharsMax] + "…";
    }
}
