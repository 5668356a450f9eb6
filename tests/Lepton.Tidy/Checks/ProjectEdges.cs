using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lepton.Tidy.Source;

namespace Lepton.Tidy.Checks;

/// <summary>Compares the references between projects under src/ with the edge list in ARCHITECTURE.md.</summary>
internal static partial class ProjectEdges
{
    private const string Page = "ARCHITECTURE.md";

    public static IEnumerable<Fault> Check(SourceTree tree)
    {
        var page = tree.Find(Page);
        if (page is null)
        {
            return [new Fault(Page, 0, "missing; it holds the list of floors and edges")];
        }

        var listed = ListedEdges(page);
        return ProjectsAgainstList(tree, listed).Concat(ListAgainstProjects(tree, page, listed));
    }

    private static IEnumerable<Fault> ProjectsAgainstList(SourceTree tree, Dictionary<string, Entry> listed)
    {
        foreach (var project in SourceProjects(tree))
        {
            var name = Path.GetFileNameWithoutExtension(project.Path);
            if (!listed.TryGetValue(name, out var entry))
            {
                yield return project.FaultAt(0, $"{name} has no line in the floors of {Page}");
                continue;
            }

            var references = References(project).ToList();
            foreach (var extra in references.Except(entry.References, StringComparer.Ordinal))
            {
                yield return project.FaultAt(0, $"the reference to {extra} is not listed in {Page}");
            }

            foreach (var gone in entry.References.Except(references, StringComparer.Ordinal))
            {
                yield return new Fault(Page, entry.Line, $"{name} does not reference {gone}");
            }
        }
    }

    private static IEnumerable<Fault> ListAgainstProjects(
        SourceTree tree, SourceFile page, Dictionary<string, Entry> listed)
    {
        var projects = SourceProjects(tree).Select(file => Path.GetFileNameWithoutExtension(file.Path)).ToHashSet();
        foreach (var (name, entry) in listed)
        {
            if (!projects.Contains(name))
            {
                yield return page.FaultAt(entry.Line, $"there is no project {name} under src/");
            }

            foreach (var reference in entry.References)
            {
                if (!listed.TryGetValue(reference, out var lower) || lower.Floor >= entry.Floor)
                {
                    yield return page.FaultAt(
                        entry.Line, $"{name} on floor {entry.Floor} may only reference lower floors, not {reference}");
                }
            }
        }
    }

    private static IEnumerable<SourceFile> SourceProjects(SourceTree tree) =>
        tree.Projects.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    private static IEnumerable<string> References(SourceFile project) =>
        XDocument.Parse(project.Text).Descendants("ProjectReference")
            .Select(item => item.Attribute("Include")?.Value.Replace('\\', '/') ?? "")
            .Select(path => Path.GetFileNameWithoutExtension(path));

    private static Dictionary<string, Entry> ListedEdges(SourceFile page)
    {
        var edges = new Dictionary<string, Entry>(StringComparer.Ordinal);
        for (var i = 0; i < page.Lines.Count; i++)
        {
            if (EdgeLine().Match(page.Lines[i]) is { Success: true } match)
            {
                var floor = int.Parse(match.Groups["floor"].Value, CultureInfo.InvariantCulture);
                var references = match.Groups["references"].Value.Split(
                    ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                edges[match.Groups["project"].Value] = new Entry(floor, i + 1, references);
            }
        }

        return edges;
    }

    [GeneratedRegex(@"^(?<floor>\d)\s+(?<project>Lepton\.\w+)\s+->\s*(?<references>[\w., ]*)$")]
    private static partial Regex EdgeLine();

    private sealed record Entry(int Floor, int Line, string[] References);
}
