using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Xml;

namespace Lepton.Compute.Formats;

/// <summary>Dates and times as ISO 8601, tried through a few exact forms.</summary>
internal abstract class TimeCodec<T>(string expected, string written) : FieldCodec<T>
    where T : IUtf8SpanFormattable
{
    // Longer text is no time; shorter fits the stack.
    private const int CharsMax = 64;

    public sealed override string Expected => expected;

    public sealed override bool TryParse(ReadOnlySpan<byte> utf8, [MaybeNullWhen(false)] out T value)
    {
        Span<char> chars = stackalloc char[CharsMax];
        if (utf8.Length > CharsMax || !Ascii.IsValid(utf8))
        {
            value = default;
            return false;
        }

        int length = Encoding.ASCII.GetChars(utf8, chars);
        return TryParse(chars[..length].Trim(), out value);
    }

    public sealed override void Write(CsvRowWriter writer, T value) => writer.WriteFormatted(value, written);

    protected abstract bool TryParse(ReadOnlySpan<char> text, [MaybeNullWhen(false)] out T value);
}

internal static class IsoForms
{
    public static readonly string[] DateTimes =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyyMMdd'T'HHmmssK", "yyyyMMdd",
    ];

    public static readonly string[] Times = ["HH:mm:ss.FFFFFFF", "HH:mm"];
}

internal sealed class DateTimeCodec()
    : TimeCodec<DateTime>("a date and time in ISO 8601, such as 2026-01-31T23:59:59 or 2026-01-31 (DateTime)", "O")
{
    protected override bool TryParse(ReadOnlySpan<char> text, out DateTime value) =>
        DateTime.TryParseExact(text, IsoForms.DateTimes, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind,
            out value);
}

internal sealed class DateTimeOffsetCodec() : TimeCodec<DateTimeOffset>(
    "a date and time in ISO 8601, such as 2026-01-31T23:59:59+01:00, UTC where it has no offset (DateTimeOffset)", "O")
{
    protected override bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset value) => DateTimeOffset.TryParseExact(
        text, IsoForms.DateTimes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);
}

internal sealed class DateOnlyCodec() : TimeCodec<DateOnly>("a date in ISO 8601, such as 2026-01-31 (DateOnly)", "O")
{
    protected override bool TryParse(ReadOnlySpan<char> text, out DateOnly value) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
}

internal sealed class TimeOnlyCodec() : TimeCodec<TimeOnly>("a time in ISO 8601, such as 23:59:59.5 (TimeOnly)", "O")
{
    protected override bool TryParse(ReadOnlySpan<char> text, out TimeOnly value) =>
        TimeOnly.TryParseExact(text, IsoForms.Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
}

internal sealed class TimeSpanCodec()
    : TimeCodec<TimeSpan>("a duration such as 1.23:59:59.5 (days.hours:minutes:seconds) or P1DT2H (TimeSpan)", "c")
{
    protected override bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        bool isIso = text.StartsWith("P") || text.StartsWith("-P");
        return isIso
            ? TryParseIso(text.ToString(), out value)
            : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && text.Contains(':');
    }

    private static bool TryParseIso(string text, out TimeSpan value)
    {
        try
        {
            value = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            // The framework has no trying form of this.
            value = default;
            return false;
        }
    }
}
