using System.Globalization;
using Lepton.Tidy.Source;

namespace Lepton.Tidy.Checks;

/// <summary>Excuses for sizes, one a line: <c>rule path member size</c>, where size is the most excused.</summary>
internal static class AllowList
{
    /// <summary>Reads the entries. Empty lines and lines that start with # don't count.</summary>
    public static (List<Entry> Entries, List<Fault> Faults) Parse(SourceFile? file)
    {
        var entries = new List<Entry>();
        var faults = new List<Fault>();
        for (var i = 0; i < (file?.Lines.Count ?? 0); i++)
        {
            var line = file!.Lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var rule, var path, var member, var size]
                && rule is "file" or "line" or "function"
                && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var most))
            {
                entries.Add(new Entry(rule, path, member, most, i + 1, line));
            }
            else
            {
                faults.Add(file.FaultAt(i + 1, $"expected `file|line|function PATH MEMBER|* SIZE`, found: {line}"));
            }
        }

        return (entries, faults);
    }

    internal sealed record Entry(string Rule, string Path, string Member, int Size, int Line, string Text);
}
