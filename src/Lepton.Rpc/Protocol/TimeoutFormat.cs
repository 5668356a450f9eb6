using System.Globalization;

namespace Lepton.Rpc.Protocol;

/// <summary>The <c>grpc-timeout</c> header: one to eight digits and a unit of H, M, S, m, u or n.</summary>
internal static class TimeoutFormat
{
    private const long ValueMax = 99_999_999;

    /// <summary>The longest time that a timer of .NET takes; a longer timeout is as good as this.</summary>
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromDays(49);

    /// <summary>Writes the time in the finest unit that holds it, rounded up: the callee never ends early.</summary>
    public static string Format(TimeSpan timeout)
    {
        long ticks = Math.Max(timeout.Ticks, 0);
        (char Unit, long Ticks)[] units =
        [
            ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
            ('M', TimeSpan.TicksPerMinute),
        ];
        foreach ((char unit, long unitTicks) in units)
        {
            long value = (ticks / unitTicks) + (ticks % unitTicks == 0 ? 0 : 1);
            if (value <= ValueMax)
            {
                return value.ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return Math.Min(ticks / TimeSpan.TicksPerHour, ValueMax).ToString(CultureInfo.InvariantCulture) + 'H';
    }

    /// <summary>Reads a header, capped at <see cref="TimeoutMax"/>.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 ||
            !long.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out long n))
        {
            return false;
        }

        double seconds = text[^1] switch
        {
            'H' => n * 3600.0,
            'M' => n * 60.0,
            'S' => n,
            'm' => n / 1e3,
            'u' => n / 1e6,
            'n' => n / 1e9,
            _ => -1,
        };
        if (seconds < 0)
        {
            return false;
        }

        timeout = seconds >= TimeoutMax.TotalSeconds ? TimeoutMax : TimeSpan.FromSeconds(seconds);
        return true;
    }
}
