using System.Xml.Linq;
using Lepton.Tidy.Source;

namespace Lepton.Tidy.Checks;

/// <summary>Rules on project files and on the solution.</summary>
internal static class ProjectFiles
{
    private const string Solution = "Lepton.slnx";

    private static readonly HashSet<string> s_items = new(StringComparer.Ordinal)
    {
        "ProjectReference", "PackageReference", "FrameworkReference", "EmbeddedResource", "Protobuf", "None", "Using",
        "AdditionalFiles",
    };

    public static IEnumerable<Fault> Check(SourceTree tree) =>
        tree.Projects.SelectMany(OnlyReferences).Concat(TestProjects(tree)).Concat(SolutionProjects(tree));

    private static IEnumerable<Fault> OnlyReferences(SourceFile project)
    {
        foreach (var group in XDocument.Parse(project.Text).Root!.Elements())
        {
            if (group.Name.LocalName != "ItemGroup")
            {
                yield return project.FaultAt(
                    0, $"<{group.Name.LocalName}>: only references belong here; use Directory.Build.props");
                continue;
            }

            foreach (var item in group.Elements().Where(item => !s_items.Contains(item.Name.LocalName)))
            {
                yield return project.FaultAt(0, $"<{item.Name.LocalName}>: only references belong here");
            }
        }
    }

    private static IEnumerable<Fault> TestProjects(SourceTree tree) =>
        tree.Projects
            .Where(project => project.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(project => project.Name != "Lepton.Cli.csproj")
            .Select(project => (project, Name: Path.GetFileNameWithoutExtension(project.Path) + ".Tests"))
            .Where(wanted => tree.Find($"tests/{wanted.Name}/{wanted.Name}.csproj") is null)
            .Select(wanted => wanted.project.FaultAt(0, $"there is no tests/{wanted.Name}"));

    private static IEnumerable<Fault> SolutionProjects(SourceTree tree)
    {
        var solution = tree.Find(Solution);
        if (solution is null)
        {
            return [new Fault(Solution, 0, "missing")];
        }

        var listed = XDocument.Parse(solution.Text).Descendants("Project")
            .Select(project => project.Attribute("Path")?.Value ?? "").ToList();
        var present = tree.Projects.Select(project => project.Path).ToList();
        return listed.Except(present, StringComparer.Ordinal)
            .Select(path => solution.FaultAt(0, $"lists {path}, which does not exist"))
            .Concat(present.Except(listed, StringComparer.Ordinal)
                .Select(path => solution.FaultAt(0, $"does not list {path}")));
    }
}
