using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Lepton.Compute.Reports;

/// <summary>
/// Writes markup from interpolated strings: the text of the string is markup, whatever stands in braces is escaped. So
/// nothing that a user wrote can become markup by oversight. Numbers are written the same in every culture.
/// </summary>
internal sealed class HtmlWriter(TextWriter output)
{
    /// <summary>Writes markup with escaped values in it.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "The handler has written it by now.")]
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
    }

    /// <summary>Writes markup that holds no values.</summary>
    public void Raw(string markup) => output.Write(markup);

    /// <summary>Writes text, escaped.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int special = IndexOfSpecial(text);
            if (special < 0)
            {
                output.Write(text);
                return;
            }

            output.Write(text[..special]);
            bool isPair = special + 1 < text.Length && char.IsSurrogatePair(text[special], text[special + 1]);
            if (isPair)
            {
                output.Write(text.Slice(special, 2));
            }
            else
            {
                output.Write(Escape(text[special]));
            }

            text = text[(special + (isPair ? 2 : 1))..];
        }
    }

    private static int IndexOfSpecial(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isControl = c is (< ' ' and not '\n' and not '\t') or (>= '\u007f' and < '\u00a0');
            if (c is '<' or '>' or '&' or '"' or '\'' or '\ufffe' or '\uffff' || isControl || char.IsSurrogate(c))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Escape(char c) => c switch
    {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        '"' => "&quot;",
        '\'' => "&#39;",
        '\r' => "",
        _ => "\ufffd",
    };

    /// <summary>An interpolated string on its way to the writer.</summary>
    [InterpolatedStringHandler]
    [SuppressMessage("Performance", "CA1815", Justification = "Made by the compiler; nobody compares it.")]
    internal readonly ref struct Markup
    {
        private readonly HtmlWriter _html;

        [SuppressMessage("Style", "IDE0060", Justification = "The compiler passes both lengths.")]
        public Markup(int literalLength, int formattedCount, HtmlWriter html) => _html = html;

        public void AppendLiteral(string markup) => _html.Raw(markup);

        public void AppendFormatted(string? text) => _html.Text(text);

        public void AppendFormatted<T>(T value)
            where T : ISpanFormattable => AppendFormatted(value, null);

        public void AppendFormatted<T>(T value, string? format)
            where T : ISpanFormattable
        {
            Span<char> text = stackalloc char[64];
            _html.Text(value.TryFormat(text, out int written, format, CultureInfo.InvariantCulture)
                ? text[..written]
                : value.ToString(format, CultureInfo.InvariantCulture));
        }
    }
}
