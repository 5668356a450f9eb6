using System.Globalization;

namespace Lepton.Compute.Reports;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Quantity
{
    /// <summary>12,345.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 task", "2 tasks".</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>"850 µs", "12.3 ms", "4.56 s", "2 m 05 s", "3 h 07 m".</summary>
    public static string Duration(double ms)
    {
        if (ms == 0)
        {
            return "0 s";
        }

        if (ms < 0.9995)
        {
            return $"{Digits(ms * 1000, true)} µs";
        }

        if (ms < 999.5)
        {
            return $"{Digits(ms, false)} ms";
        }

        if (ms < 59_950)
        {
            return $"{Digits(ms / 1000, false)} s";
        }

        long seconds = (long)Math.Round(ms / 1000);
        return seconds < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} m {seconds % 60:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:N0} h {seconds / 60 % 60:00} m");
    }

    /// <summary>96.7 %.</summary>
    public static string Percent(double share) =>
        string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    /// <summary>A number of any size with few digits; words for those that are none.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "not a number" : value > 0 ? "infinite" : "−infinite";
        }

        double size = Math.Abs(value);
        string format = value == Math.Floor(value) && size < 1e15 ? "N0"
            : size is >= 0.001 and < 1e6 ? "0.####" : "0.###e+0";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Digits(double value, bool whole)
    {
        string format = whole || value >= 99.95 ? "0" : value >= 9.995 ? "0.#" : "0.##";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
