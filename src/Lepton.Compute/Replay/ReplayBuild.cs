using System.Reflection;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Replay;

/// <summary>Loads the build that a bundle was written by, and refuses any other.</summary>
internal static class ReplayBuild
{
    /// <summary>The build output that is used.</summary>
    /// <exception cref="ReplayException">It is gone.</exception>
    public static string DirectoryOf(ReplayManifest manifest, string? chosen)
    {
        string directory = Path.GetFullPath(chosen ?? manifest.Setting.ProgramDirectory);
        return Directory.Exists(directory)
            ? directory
            : throw new ReplayException(
                $"The build output '{directory}' that ran task {manifest.Task} is gone. Build the same sources " +
                "again, or " +
                "say where they are built: --build DIR.");
    }

    /// <summary>
    /// The program in a build output, whose list of dependencies is followed; null where it is not there.
    /// </summary>
    public static string? EntryOf(ReplayManifest manifest, string directory)
    {
        string entry = Path.Combine(directory, Path.GetFileName(manifest.Setting.EntryAssembly ?? ""));
        return File.Exists(entry) ? entry : null;
    }

    /// <exception cref="ReplayException">
    /// It is not there, or is another build; the message names every assembly that differs.
    /// </exception>
    public static JobLoadContext Load(ReplayManifest manifest, string? chosen)
    {
        string directory = DirectoryOf(manifest, chosen);
        var context = new JobLoadContext(directory, EntryOf(manifest, directory));
        List<string> wrong = [.. manifest.Modules.Select(module => Check(context, module)).OfType<string>()];
        return wrong.Count == 0 ? context : throw Wrong(manifest.Task, wrong);
    }

    /// <summary>The error for a build that is not the bundle's.</summary>
    public static ReplayException Wrong(string task, IReadOnlyList<string> differences, Exception? cause = null) =>
        new(
            $"Task {task} was run by another build: {string.Join("; ", differences)}. A function is found by its " +
            "place in " +
            "the build that sent it, so replay needs that very build. Build the sources as they were when the job " +
            "ran and " +
            "name the output with --build DIR, or run the job again and replay its new failure.",
            cause);

    private static string? Check(JobLoadContext context, ReplayModule module)
    {
        try
        {
            Assembly found = context.Resolve(module.Name, Guid.Empty);
            Guid version = found.ManifestModule.ModuleVersionId;
            return version == module.Version
                ? null
                : $"the job ran {module.Name}.dll with module version {module.Version}, and '{found.Location}' is " +
                    $"{version}";
        }
        catch (ModuleMismatchException e)
        {
            string why = e.InnerException?.Message ?? e.Message;
            return $"{module.Name}.dll with module version {module.Version} can't be loaded ({why})";
        }
    }
}
