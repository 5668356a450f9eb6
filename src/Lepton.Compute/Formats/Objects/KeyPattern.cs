using System.IO.Enumeration;

namespace Lepton.Compute.Formats;

/// <summary>Patterns over keys, by the rules of <see cref="GlobPattern"/>: a slash in a key parts two names.</summary>
internal sealed class KeyPattern(string pattern)
{
    private readonly string[] _parts = pattern.Split('/');

    /// <summary>What all keys that match begin with.</summary>
    public string Beginning { get; } = pattern[..pattern.AsSpan().IndexOfAny('*', '?')];

    public bool Matches(string key) => Matches(_parts, key.Split('/'));

    private static bool Matches(ReadOnlySpan<string> parts, ReadOnlySpan<string> names)
    {
        if (parts.IsEmpty || names.IsEmpty)
        {
            return parts.IsEmpty && names.IsEmpty;
        }

        if (parts[0] != "**")
        {
            return IsMatch(parts[0], names[0]) && Matches(parts[1..], names[1..]);
        }

        // A pattern that ends in ** means every object below.
        return Matches(parts.Length == 1 ? ["*"] : parts[1..], names)
            || (names.Length > 1 && !GlobPattern.IsHidden(names[0]) && Matches(parts, names[1..]));
    }

    private static bool IsMatch(string part, string name)
    {
        if (!GlobPattern.IsPattern(part))
        {
            return part == name;
        }

        bool isShown = !GlobPattern.IsHidden(name) || part[0] == name[0];
        return name.Length > 0 && isShown && FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false);
    }
}
