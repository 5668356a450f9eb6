using System.Globalization;

namespace Lepton.Cli.Objects;

/// <summary>Sizes, times, counts and names as people read them.</summary>
internal static class TextForms
{
    private static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>In powers of 1,024: "12.3 MiB".</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        while (bytes >= 1024 && unit < s_units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return unit == 0
            ? Count((long)bytes, "byte")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} {s_units[unit]}");
    }

    /// <summary>To the second, in UTC: "2026-11-28 13:18:49Z".</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    /// <summary>"1 object", "1,001 objects".</summary>
    public static string Count(long count, string thing) => string.Create(
        CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");

    /// <summary>What a download says that went on from where another one had ended.</summary>
    /// <param name="bytesBefore">What that one had left; 0: nothing.</param>
    public static string Resumed(long bytesBefore) =>
        bytesBefore == 0 ? "" : $" ({Bytes(bytesBefore)} of it were here already)";

    /// <summary>"1:02:03" or "2:03".</summary>
    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(
            CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    /// <summary>
    /// A name without what a terminal obeys: keys may hold any character, and others than their reader choose them.
    /// </summary>
    public static string Printable(string name) =>
        name.Any(char.IsControl) ? string.Concat(name.Select(static c => char.IsControl(c) ? '\uFFFD' : c)) : name;
}
