using System.Reflection;
using System.Runtime.Loader;

namespace Lepton.Compute.Functions;

/// <summary>
/// Holds the assemblies of one user's job in a worker process. What the worker itself runs on (Lepton, Google.Protobuf,
/// the framework) is shared with it, so that both mean the same types; all else comes from the user's build output.
/// Thread safe.
/// </summary>
internal sealed class JobLoadContext : AssemblyLoadContext, IModuleResolver
{
    private readonly string _directory;
    private readonly AssemblyDependencyResolver? _dependencies;
    private readonly HashSet<string> _shared = [];

    // The default one, but where another build of Lepton has loaded this one beside itself.
    private readonly AssemblyLoadContext _own = GetLoadContext(typeof(JobLoadContext).Assembly)!;

    /// <summary>Creates a context; nothing is loaded yet.</summary>
    /// <param name="directory">The user's build output.</param>
    /// <param name="entryAssembly">
    /// The program, if its .deps.json is to be followed: packages in folders of their own, native libraries by
    /// platform.
    /// </param>
    public JobLoadContext(string directory, string? entryAssembly = null)
        : base($"job in {directory}")
    {
        _directory = Path.GetFullPath(directory);
        if (entryAssembly is not null)
        {
            _dependencies = new AssemblyDependencyResolver(Path.GetFullPath(entryAssembly, _directory));
        }

        CollectShared(typeof(JobLoadContext).Assembly);
    }

    /// <inheritdoc/>
    public Assembly Resolve(string simpleName, Guid moduleVersionId)
    {
        Assembly assembly;
        try
        {
            assembly = LoadFromAssemblyName(new AssemblyName(simpleName));
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new ModuleMismatchException(
                $"The worker can't load {simpleName}.dll from {_directory}: {e.Message} Workers need the driver's " +
                "whole build output: build the program again, or point the worker to the directory that the driver " +
                "runs from.",
                e);
        }

        Guid loaded = assembly.ManifestModule.ModuleVersionId;
        return moduleVersionId == Guid.Empty || moduleVersionId == loaded
            ? assembly
            : throw new ModuleMismatchException(
                $"The worker loaded {simpleName}.dll with module version {loaded}, but the driver sent " +
                $"{moduleVersionId}: they are different builds. Rebuild the program and start the job again, so " +
                $"that {assembly.Location} is what the driver runs.");
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name!;
        if (_shared.Contains(name))
        {
            return _own.LoadFromAssemblyName(assemblyName);
        }

        if (Modules.IsFramework(name) && DefaultHas(assemblyName))
        {
            return null;
        }

        string? path = _dependencies?.ResolveAssemblyToPath(assemblyName);
        if (path is null)
        {
            string beside = Path.Combine(_directory, name + ".dll");
            path = File.Exists(beside) ? beside : null;
        }

        return path is null ? null : LoadFromAssemblyPath(path);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string? path = _dependencies?.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    /// <summary>The assemblies that Lepton refers to, directly or through others, but for the framework's.</summary>
    private void CollectShared(Assembly assembly)
    {
        if (!_shared.Add(assembly.GetName().Name!))
        {
            return;
        }

        foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
        {
            if (!Modules.IsFramework(reference.Name!))
            {
                CollectShared(_own.LoadFromAssemblyName(reference));
            }
        }
    }

    private static bool DefaultHas(AssemblyName name)
    {
        try
        {
            return Default.LoadFromAssemblyName(name) is not null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            // A package that only looks like the framework, or a newer version than the worker's: the user's copy is
            // taken.
            return false;
        }
    }
}
