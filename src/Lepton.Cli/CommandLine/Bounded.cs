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
}
