using System.Reflection;
using System.Runtime.Loader;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Replay;

/// <summary>
/// Replays with the Lepton of the program's own build, loaded beside the one that runs here. The <c>lepton</c> command
/// is built apart from users' programs, so its Lepton is seldom the very build that a bundle refers to.
/// </summary>
internal sealed class OtherLepton : AssemblyLoadContext
{
    private readonly string _directory;
    private readonly AssemblyDependencyResolver? _dependencies;

    private OtherLepton(string directory, string? entryAssembly)
        : base($"Lepton of {directory}")
    {
        _directory = directory;
        _dependencies = entryAssembly is null ? null : new AssemblyDependencyResolver(entryAssembly);
    }

    /// <summary>The assembly that knows bundles.</summary>
    public static string LeptonName { get; } = typeof(OtherLepton).Assembly.GetName().Name!;

    /// <summary>Whether a bundle was written by the Lepton that runs here.</summary>
    public static bool IsThis(ReplayManifest manifest) =>
        Array.Find(manifest.Modules, module => module.Name == LeptonName) is not { } lepton
        || lepton.Version == typeof(OtherLepton).Assembly.ManifestModule.ModuleVersionId;

    /// <summary>Has the other Lepton run the task in this process.</summary>
    /// <exception cref="ReplayException">The build is not there, or is not the one that ran the task.</exception>
    public static ReplayResult Run(
        string bundlePath, ReplayManifest manifest, ReplayOptions options, CancellationToken cancellation)
    {
        string directory = ReplayBuild.DirectoryOf(manifest, options.BuildDirectory);
        var other = new OtherLepton(directory, ReplayBuild.EntryOf(manifest, directory));
        Guid wanted = Array.Find(manifest.Modules, module => module.Name == LeptonName)!.Version;
        MethodInfo run = Find(other, manifest.Task, wanted)
            ?? throw new ReplayException(
                $"Task {manifest.Task} was run by Lepton {manifest.Setting.LeptonVersion}, whose replay this command " +
                "does " +
                "not know. Replay it with the lepton command of that version.");
        try
        {
            object result = run.Invoke(
                null, BindingFlags.DoNotWrapExceptions, null,
                [bundlePath, options.BuildDirectory, options.WaitForDebugger, options.Say, cancellation], null)!;
            return Copy(result);
        }
        catch (Exception e) when (e.GetType().FullName == typeof(ReplayException).FullName)
        {
            throw new ReplayException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name!;
        if (Modules.IsFramework(name))
        {
            return null;
        }

        string beside = Path.Combine(_directory, name + ".dll");
        string? path = File.Exists(beside) ? beside : _dependencies?.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    private static MethodInfo? Find(OtherLepton other, string task, Guid wanted)
    {
        Assembly lepton;
        try
        {
            lepton = other.LoadFromAssemblyName(new AssemblyName(LeptonName));
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw ReplayBuild.Wrong(task, [$"{LeptonName}.dll with module version {wanted} can't be loaded " +
                $"({e.Message})"], e);
        }

        Guid found = lepton.ManifestModule.ModuleVersionId;
        if (found != wanted)
        {
            throw ReplayBuild.Wrong(
                task, [$"the job ran {LeptonName}.dll with module version {wanted}, and '{lepton.Location}' is " +
                    $"{found}"]);
        }

        return lepton.GetType(typeof(ReplayRunner).FullName!)?.GetMethod(
            nameof(ReplayRunner.RunHere), BindingFlags.Static | BindingFlags.NonPublic,
            [typeof(string), typeof(string), typeof(bool), typeof(Action<string>), typeof(CancellationToken)]);
    }

    // The other's result is of another type of the same name; what is in it is of the framework's types.
    private static ReplayResult Copy(object result)
    {
        return new ReplayResult
        {
            Thrown = Get<Exception?>(nameof(ReplayResult.Thrown)),
            FailedAlike = Get<bool?>(nameof(ReplayResult.FailedAlike)),
            RecordsOut = Get<long?>(nameof(ReplayResult.RecordsOut)),
            BytesOut = Get<long>(nameof(ReplayResult.BytesOut)),
            ShuffleReadBytes = Get<long>(nameof(ReplayResult.ShuffleReadBytes)),
            SpilledBytes = Get<long>(nameof(ReplayResult.SpilledBytes)),
            PeakMemoryBytes = Get<long>(nameof(ReplayResult.PeakMemoryBytes)),
            Took = Get<TimeSpan>(nameof(ReplayResult.Took)),
            Notes = Get<IReadOnlyList<string>>(nameof(ReplayResult.Notes)),
        };

        T Get<T>(string property) => (T)result.GetType().GetProperty(property)!.GetValue(result)!;
    }
}
