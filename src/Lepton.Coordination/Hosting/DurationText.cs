using System.Globalization;

namespace Lepton.Coordination.Hosting;

/// <summary>Times as etcd's flags have them: numbers with units, such as <c>1h30m</c>, <c>2.5s</c> or
/// <c>100ms</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, double Ticks)[] Units =
    [
        ("ns", 0.01), ("us", TimeSpan.TicksPerMicrosecond), ("µs", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a time, 0 or more; null where it is none. <c>0</c> needs no unit.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        double ticks = 0;
        string left = text;
        do
        {
            int digits = left.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.').Count();
            int letters = left.Skip(digits).TakeWhile(static c => !char.IsAsciiDigit(c) && c != '.').Count();
            double unit = Array.Find(Units, known => known.Unit == left.Substring(digits, letters)).Ticks;
            if (unit == 0 || !double.TryParse(
                left[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                return null;
            }

            ticks += number * unit;
            left = left[(digits + letters)..];
        }
        while (left.Length > 0);
        return ticks < long.MaxValue / 2 ? TimeSpan.FromTicks((long)ticks) : null;
    }
}
