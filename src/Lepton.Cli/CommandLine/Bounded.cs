using System.CommandLine;
using System.Globalization;

namespace Lepton.Cli.CommandLine;

/// <summary>Options that take a number within bounds.</summary>
internal static class Bounded
{
    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<int> Number(string name, string description, int otherwise, int min, int max) => new(name)
    {
        HelpName = "N",
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} {min} to {max}."),
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                && value >= min && value <= max)
            {
                return value;
            }

            result.AddError(string.Create(
                CultureInfo.InvariantCulture, $"{name} is '{text}'; expected a whole number from {min} to {max}."));
            return otherwise;
        },
    };

    /// <summary>A time in whole seconds, minutes, hours or days.</summary>
    public static Option<TimeSpan> Time(
        string name, string description, TimeSpan otherwise, TimeSpan min, TimeSpan max) => new(name)
    {
        HelpName = "TIME",
        Description = $"{description} a number with s, m, h or d, from {Text(min)} to {Text(max)}.",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (ReadTime(text) is { } time && time >= min && time <= max)
            {
                return time;
            }

            result.AddError(
                $"{name} is '{text}'; expected a number with s, m, h or d, such as 15m, from {Text(min)} to " +
                $"{Text(max)}.");
            return otherwise;
        },
    };

    /// <summary>A seed.</summary>
    public static Option<ulong> Seed(string name, string description, ulong otherwise) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
            {
                return value;
            }

            result.AddError($"{name} is '{text}'; expected a whole number, 0 or more.");
            return otherwise;
        },
    };

    private static TimeSpan? ReadTime(string text)
    {
        double seconds = text.LastOrDefault() switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        return seconds > 0
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count * seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(count * seconds)
            : null;
    }

    private static string Text(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0}d"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0}h"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s"),
    };
}
