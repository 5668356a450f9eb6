using System.IO.Enumeration;

namespace Lepton.Compute.Formats;

/// <summary>
/// Patterns over files: <c>*</c> and <c>?</c> within one name, <c>**</c> for any number of directories. A name that
/// starts with <c>_</c> or <c>.</c> is matched only by a part of the pattern that starts so too: such names are markers
/// and half-written files. Links to directories are not followed by <c>**</c>.
/// </summary>
internal static class GlobPattern
{
    private static readonly EnumerationOptions Names = new() { AttributesToSkip = 0, ReturnSpecialDirectories = false };

    public static bool IsPattern(string path) => path.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>Whether a name is a marker or a half-written file rather than data.</summary>
    public static bool IsHidden(string name) => name.StartsWith('_') || name.StartsWith('.');

    /// <summary>The full paths of the files that match, in no particular order, each once.</summary>
    public static IEnumerable<string> Matches(string pattern)
    {
        string full = Path.GetFullPath(pattern);
        string root = Path.GetPathRoot(full)!;
        string[] parts = full[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        var found = new HashSet<string>(StringComparer.Ordinal);
        Walk(root, parts, found);
        return found;
    }

    private static void Walk(string directory, ReadOnlySpan<string> parts, HashSet<string> found)
    {
        string part = parts[0];
        bool last = parts.Length == 1;
        if (part == "**")
        {
            // A pattern that ends in ** means every file below.
            Walk(directory, last ? ["*"] : parts[1..], found);
            foreach (string child in Directory.EnumerateDirectories(directory, "*", Names))
            {
                bool isLink = (File.GetAttributes(child) & FileAttributes.ReparsePoint) != 0;
                if (!isLink && !IsHidden(Path.GetFileName(child)))
                {
                    Walk(child, parts, found);
                }
            }
        }
        else if (!IsPattern(part))
        {
            string path = Path.Combine(directory, part);
            if (last && File.Exists(path))
            {
                found.Add(path);
            }
            else if (!last && Directory.Exists(path))
            {
                Walk(path, parts[1..], found);
            }
        }
        else if (last)
        {
            found.UnionWith(Directory.EnumerateFiles(directory, "*", Names).Where(path => IsMatch(part, path)));
        }
        else
        {
            foreach (string child in Directory.EnumerateDirectories(directory, "*", Names))
            {
                if (IsMatch(part, child))
                {
                    Walk(child, parts[1..], found);
                }
            }
        }
    }

    private static bool IsMatch(string part, string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        bool hidden = name[0] is '_' or '.';
        return (!hidden || part[0] == name[0]) && FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false);
    }
}
