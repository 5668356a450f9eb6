using System.Text.RegularExpressions;
using Lepton.Tidy.Source;

namespace Lepton.Tidy.Checks;

/// <summary>Rules on every text file: nothing of one machine, no registry hosts, no reminders.</summary>
internal static partial class TextRules
{
    public static IEnumerable<Fault> Check(SourceTree tree) => tree.Files.SelectMany(Check);

    private static IEnumerable<Fault> Check(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Count; i++)
        {
            if (MachinePath().Match(file.Lines[i]) is { Success: true } path)
            {
                yield return file.FaultAt(i + 1, $"a path of one machine: {path.Value}");
            }

            if (RegistryHost().Match(file.Lines[i]) is { Success: true } host)
            {
                yield return file.FaultAt(i + 1, $"the host of a package registry: {host.Value}");
            }

            // In C# only comments count, which HouseRules looks at.
            if (!file.IsCSharp && Reminder().IsMatch(file.Lines[i]))
            {
                yield return file.FaultAt(i + 1, "a reminder; do it, or write an issue");
            }
        }
    }

    [GeneratedRegex(@"(?<![\w.$}])/(home|root|work|Users|workspace)/\w[\w./-]*|[A-Z]:\\Users\\\w+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b((api\.)?nuget\.org|registry\.npmjs\.\w+|pypi\.org|pythonhosted\.org|deb\.debian\.org)\b")]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b")]
    private static partial Regex Reminder();
}
