using System.Text.Json;

namespace Lepton.Cli.Running;

/// <summary>What the build system says of a project.</summary>
internal sealed record BuildQuery
{
    private static readonly string[] s_settings =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "nuget.config",
        "NuGet.config",
    ];

    private readonly List<string> _items = [];
    private readonly List<string> _projects = [];

    public required string Assembly { get; init; }

    public required string OutputType { get; init; }

    /// <summary>Where it builds for more than one; empty otherwise.</summary>
    public required string Frameworks { get; init; }

    /// <summary>Where the build keeps what it makes on the way.</summary>
    public required string IntermediateFolder { get; init; }

    /// <summary>Evaluates a project that was built.</summary>
    /// <exception cref="IOException">The project can't be evaluated.</exception>
    public static async Task<BuildQuery> AskAsync(string project, CancellationToken cancellation)
    {
        (int code, string output) = await Dotnet.CaptureAsync(
            [
                "msbuild", project, "-p:Configuration=Release",
                "-getProperty:TargetPath,OutputType,TargetFrameworks,ProjectAssetsFile",
                "-getItem:Compile,Content,EmbeddedResource,None,ProjectReference",
            ],
            cancellation).ConfigureAwait(false);
        if (code != 0)
        {
            throw new IOException($"Asking '{project}' for its output failed: {output.Trim()}");
        }

        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement properties = json.RootElement.GetProperty("Properties");
        string folder = Path.GetDirectoryName(Path.GetFullPath(project))!;
        string assets = Path.Combine(folder, Property("ProjectAssetsFile"));
        var query = new BuildQuery
        {
            Assembly = Property("TargetPath"),
            OutputType = Property("OutputType"),
            Frameworks = Property("TargetFrameworks"),
            IntermediateFolder = Path.GetDirectoryName(assets)!,
        };
        foreach (JsonProperty kind in json.RootElement.GetProperty("Items").EnumerateObject())
        {
            List<string> paths = kind.Name == "ProjectReference" ? query._projects : query._items;
            paths.AddRange(kind.Value.EnumerateArray().Select(item => item.GetProperty("FullPath").GetString()!));
        }

        query._projects.AddRange(ReferencedProjects(assets, folder));
        return query;

        string Property(string name) => properties.GetProperty(name).GetString() ?? "";
    }

    /// <summary>Notes what was built from what.</summary>
    public BuildRecord Record(string project, string assembly, DateTime startedAt, DateTime endedAt)
    {
        string full = Path.GetFullPath(project);
        string[] folders =
        [
            .. _projects.Prepend(full).Select(path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal),
        ];
        IEnumerable<string> settings = folders
            .SelectMany(Above)
            .Distinct(StringComparer.Ordinal)
            .SelectMany(folder => s_settings.Select(name => Path.Combine(folder, name)))
            .Where(File.Exists);
        IEnumerable<string> linked = _items.Where(
            item => !Array.Exists(folders, folder => item.StartsWith(folder + Path.DirectorySeparatorChar)));
        return new BuildRecord(full, assembly, startedAt, endedAt, folders, [.. settings, .. linked.Distinct()]);
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? above = new(folder); above is not null; above = above.Parent)
        {
            yield return above.FullName;
        }
    }

    // Also those that a referenced project refers to: restoring has written them all down.
    private static IEnumerable<string> ReferencedProjects(string assetsFile, string folder)
    {
        if (!File.Exists(assetsFile))
        {
            return [];
        }

        using JsonDocument assets = JsonDocument.Parse(File.ReadAllBytes(assetsFile));
        return
        [
            .. assets.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").ValueEquals("project"))
                .Select(library => library.Value.GetProperty("msbuildProject").GetString()!)
                .Select(path => Path.GetFullPath(Path.Combine(folder, path))),
        ];
    }
}
