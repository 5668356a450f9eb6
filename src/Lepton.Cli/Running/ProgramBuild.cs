using Lepton.Cli.CommandLine;
using Lepton.Compute.Formats;
using Lepton.Compute;

namespace Lepton.Cli.Running;

/// <summary>Finds the program that a path names, and builds it where it is a project.</summary>
internal static class ProgramBuild
{
    private static readonly string[] s_projectEndings = [".csproj", ".fsproj", ".vbproj"];

    /// <summary>
    /// The full path of the program's assembly. Where nothing changed since the last build, and none is asked for,
    /// there is none.
    /// </summary>
    /// <exception cref="UsageException">The path names no program.</exception>
    /// <exception cref="IOException">The project does not build; its output was written to standard error.</exception>
    public static async Task<string> FindAsync(string target, bool build, CancellationToken cancellation)
    {
        if (File.Exists(target) && target.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            string assembly = Path.GetFullPath(target);
            return File.Exists(Path.ChangeExtension(assembly, ".runtimeconfig.json"))
                ? assembly
                : throw new UsageException(
                    $"'{target}' is a library: there is no " +
                        $"{Path.GetFileNameWithoutExtension(assembly)}.runtimeconfig.json beside it. " +
                    "Give a program (OutputType Exe) in its build folder.");
        }

        string project = ProjectOf(target);
        if (!build && BuildRecord.CurrentAssembly(project) is { } current)
        {
            return current;
        }

        DateTime startedAt = Now;
        await BuildAsync(project, cancellation).ConfigureAwait(false);
        BuildQuery built = await BuildQuery.AskAsync(project, cancellation).ConfigureAwait(false);
        string program = AssemblyOf(project, built);
        built.Record(project, program, startedAt, Now).Save(built.IntermediateFolder);
        return program;
    }

    private static string ProjectOf(string target)
    {
        if (File.Exists(target))
        {
            return IsProject(target) ? target : throw new UsageException(
                $"'{target}' is neither a project nor a program. Give a .csproj, a folder with one, or a .dll that " +
                    "was built.");
        }

        if (!Directory.Exists(target))
        {
            throw new UsageException(Missing(target), exitCode: ExitCodes.MissingFile);
        }

        string[] projects = [.. Directory.EnumerateFiles(target).Where(IsProject).Order(StringComparer.Ordinal)];
        return projects.Length switch
        {
            1 => projects[0],
            0 => throw new UsageException(
                $"The folder '{target}' has no project in it. Give a .csproj, or a .dll that was built."),
            _ => throw new UsageException(
                $"The folder '{target}' has several projects: " +
                    $"{string.Join(", ", projects.Select(path => Path.GetFileName(path)))}. Name one."),
        };
    }

    private static bool IsProject(string path) =>
        s_projectEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string Missing(string target)
    {
        string full = Path.GetFullPath(target);
        string? folder = Path.GetDirectoryName(full);
        string? near = folder is not null && Directory.Exists(folder)
            ? NearestName.Find(Path.GetFileName(full),
                Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)))
            : null;
        string hint = near is null ? "" : $" The nearest name in {folder} is '{near}'.";
        return $"There is no project or program '{target}'.{hint} Correct the path.";
    }

    private static async Task BuildAsync(string project, CancellationToken cancellation)
    {
        if (!Console.IsErrorRedirected)
        {
            await Console.Error.WriteLineAsync($"Building {project}…").ConfigureAwait(false);
        }

        (int code, string output) = await Dotnet.CaptureAsync(
            ["build", project, "-c", "Release", "-nologo", "-v", "quiet", "-clp:NoSummary"], cancellation)
            .ConfigureAwait(false);
        if (code != 0)
        {
            await Console.Error.WriteLineAsync(output.TrimEnd()).ConfigureAwait(false);
            throw new IOException($"'{project}' does not build; see above. Correct it and run the command again.");
        }
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private static string AssemblyOf(string project, BuildQuery built)
    {
        if (built.Assembly.Length == 0 && built.Frameworks.Length > 0)
        {
            throw new UsageException(
                $"'{project}' builds for several frameworks ({built.Frameworks}). Build it, and give the .dll of one " +
                    "of them.");
        }

        return built.OutputType.EndsWith("Exe", StringComparison.OrdinalIgnoreCase)
            ? built.Assembly
            : throw new UsageException(
                $"'{project}' is a library (OutputType {built.OutputType}), which can't be run. Set OutputType to " +
                    "Exe, or give another project.");
    }
}
