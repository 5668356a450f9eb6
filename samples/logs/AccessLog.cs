using System.Globalization;
using Lepton.Core.Randomness;

namespace Logs;

/// <summary>Makes up lines of a web server's access log, and reads them.</summary>
internal static class AccessLog
{
    private const int Products = 200;
    private const int SecondsOfDay = 24 * 60 * 60;
    private const int OutageHour = 14;
    private static readonly DateTimeOffset s_day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// One of <paramref name="count"/> lines of a day. It depends on the seed and its number alone, so it is the same
    /// whichever worker makes it. A line in 2,000 is cut off; from two to three in the afternoon the check-out fails
    /// often.
    /// </summary>
    public static string Line(ulong seed, long number, long count)
    {
        var random = new SeededRandom(SeededRandom.DeriveSeed(seed, (ulong)number));
        DateTimeOffset time = s_day.AddSeconds(number * SecondsOfDay / count);
        string url = Url(random);
        bool isOutage = url == "/checkout" && time.Hour == OutageHour;
        int status = Status(random, isOutage ? 0.3 : 0.005);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"10.{random.NextInt32(256)}.{random.NextInt32(256)}.{random.NextInt32(1, 255)} - - " +
            $"[{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {url} HTTP/1.1\" {status} {random.NextInt32(200, 50_000)}");
        return random.NextInt32(2000) == 0 ? line[..random.NextInt32(30)] : line;
    }

    /// <summary>Reads a line; null when it is malformed.</summary>
    public static Access? Parse(string line)
    {
        // 10.1.2.3 - - [22/Nov/2026:08:15:30 +0000] "GET /cart HTTP/1.1" 200 1234
        int time = line.IndexOf('[');
        int request = line.IndexOf('"');
        int end = line.LastIndexOf('"');
        if (time < 0 || request < time + 27 || end < request + 1)
        {
            return null;
        }

        string[] words = line[(request + 1)..end].Split(' ');
        return words.Length == 3
            && int.TryParse(line.AsSpan(time + 13, 2), CultureInfo.InvariantCulture, out int hour)
            && line.Length > end + 4
            && int.TryParse(line.AsSpan(end + 2, 3), CultureInfo.InvariantCulture, out int status)
            ? new Access(words[1], hour, status)
            : null;
    }

    private static string Url(SeededRandom random)
    {
        // A square of a random number prefers the small ones, as people prefer some products.
        double share = random.NextDouble();
        int product = (int)(Products * share * share);
        return random.NextInt32(100) switch
        {
            < 20 => "/",
            < 35 => "/search",
            < 80 => string.Create(CultureInfo.InvariantCulture, $"/products/{product}"),
            < 90 => "/cart",
            < 95 => "/checkout",
            _ => "/login",
        };
    }

    private static int Status(SeededRandom random, double errorRate)
    {
        double share = random.NextDouble();
        return share < errorRate ? 500 : share < errorRate + 0.03 ? 404 : 200;
    }
}
