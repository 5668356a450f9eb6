namespace Lepton.Tidy.Source;

/// <summary>The text files of a repository: the real one on disk, or a small one that a test makes up.</summary>
internal sealed class SourceTree(IEnumerable<SourceFile> files)
{
    private static readonly HashSet<string> s_skippedFolders = new(StringComparer.Ordinal)
    {
        ".git", "artifacts", "bin", "obj", "node_modules", "TestResults", ".peers", "data",
    };

    private static readonly HashSet<string> s_textEndings = new(StringComparer.Ordinal)
    {
        ".cs", ".csproj", ".props", ".targets", ".slnx", ".md", ".sh", ".json", ".txt", ".proto", ".yml", ".yaml",
        ".html", ".js", ".css", ".cpp", ".h", ".py", ".editorconfig", ".gitignore", "",
    };

    private static readonly Lazy<SourceTree> s_repository = new(() => Read(FindRoot()));

    public IReadOnlyList<SourceFile> Files { get; } =
        [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>This repository, read once.</summary>
    public static SourceTree Repository => s_repository.Value;

    public IEnumerable<SourceFile> CSharp => Files.Where(file => file.IsCSharp);

    public IEnumerable<SourceFile> Projects => Files.Where(file => file.IsProject);

    public SourceFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);

    /// <summary>Makes a tree of (path, text) pairs.</summary>
    public static SourceTree Of(params (string Path, string Text)[] files) =>
        new(files.Select(file => new SourceFile(file.Path, file.Text)));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Lepton.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException(
                $"No Lepton.slnx in {AppContext.BaseDirectory} or above it; run the tests where they were built.");
        }

        return folder;
    }

    private static SourceTree Read(string root) =>
        new(TextFilesIn(root).Select(path =>
            new SourceFile(Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path))));

    private static IEnumerable<string> TextFilesIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(IsText).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(child => !s_skippedFolders.Contains(Path.GetFileName(child)))
                .SelectMany(TextFilesIn));

    private static bool IsText(string path) =>
        s_textEndings.Contains(Path.GetExtension(path)) && Path.GetFileName(path) is not (".git" or "LICENSE");
}
