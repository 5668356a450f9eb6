using System.Globalization;

namespace Lepton.Bench;

/// <summary>The words behind a verb: <c>--name value</c>, or <c>--name</c> alone for a switch.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public Arguments(IEnumerable<string> words)
    {
        Words = [.. words];
        string? name = null;
        foreach (string word in Words)
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                name = word[2..];
                _values[name] = "";
            }
            else if (name is not null && _values[name].Length == 0)
            {
                _values[name] = word;
            }
            else
            {
                throw new ArgumentException($"'{word}' follows no option. Options are written --name value.");
            }
        }
    }

    /// <summary>As they were given.</summary>
    public IReadOnlyList<string> Words { get; }

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Refuses options that the verb doesn't know.</summary>
    public void AllowOnly(params string[] names)
    {
        if (_values.Keys.FirstOrDefault(name => !names.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            string known = string.Join(", ", names.Select(name => "--" + name));
            throw new ArgumentException($"There is no option --{unknown} here. Known are: {known}.");
        }
    }

    public string Text(string name) =>
        _values.TryGetValue(name, out string? value) && value.Length > 0
            ? value
            : throw new ArgumentException($"--{name} needs a value.");

    public string Text(string name, string otherwise) => Has(name) ? Text(name) : otherwise;

    public long Number(string name, long? otherwise = null)
    {
        if (otherwise is { } fallback && !Has(name))
        {
            return fallback;
        }

        return long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new ArgumentException($"--{name} is '{Text(name)}', expected a number without sign.");
    }
}
