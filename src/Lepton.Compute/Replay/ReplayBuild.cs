using System.Reflection;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Replay;

/// <summary>Loads the build that a bundle was written by, and refuses any other.</summary>
internal static class ReplayBuild
{
    /// <summary>The build output that is used.</summary>
    public static string DirectoryOf(ReplayManifest manifest, string? chosen) =>
        Path.GetFullPath(chosen ?? manifest.Setting.ProgramDirectory);

    /// <exception cref="ReplayException">
    /// It is not there, or is another build; the message names every assembly that differs.
    /// </exception>
    public static JobLoadContext Load(ReplayManifest manifest, string? chosen)
    {
        string directory = DirectoryOf(manifest, chosen);
        if (!Directory.Exists(directory))
        {
            throw new ReplayException(
                $"The build output '{directory}' that ran task {manifest.Task} is gone. Build the same sources " +
                "again, or say where " +
                "they are built: --build DIR.");
        }

        string? entry = manifest.Setting.EntryAssembly is { Length: > 0 } path
            ? Path.Combine(directory, Path.GetFileName(path))
            : null;
        var context = new JobLoadContext(directory, File.Exists(entry) ? entry : null);
        List<string> wrong = [.. manifest.Modules.Select(module => Check(context, module)).OfType<string>()];
        return wrong.Count == 0
            ? context
            : throw new ReplayException(
                $"Task {manifest.Task} was run by another build: {string.Join("; ", wrong)}. A function is found by " +
                "its place in " +
                "the build that sent it, so replay needs that very build. Build the sources as they were when the " +
                "job ran and name " +
                "the output with --build DIR, or run the job again and replay its new failure.");
    }

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
            return $"{module.Name}.dll with module version {module.Version} can't be loaded " +
                $"({e.InnerException?.Message ?? e.Message})";
        }
    }
}
