namespace Lepton.EndToEnd.Programs;

/// <summary>Where this repository and what was built from it lie.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file of the repository.</summary>
    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    /// <summary>A project's built program, of the configuration that this test was built in.</summary>
    public static string Built(string project)
    {
        string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string configuration = Path.GetFileName(built);
        string program = File("artifacts", "bin", project, configuration, project + ".dll");
        Assert.True(System.IO.File.Exists(program), $"{program} is not there; build the solution first.");
        return program;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Lepton.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException(
            $"No Lepton.slnx in {AppContext.BaseDirectory} or above it; run the tests where they were built.");
    }
}
