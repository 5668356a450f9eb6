using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Lepton.Compute.Functions;

/// <summary>
/// The assemblies that this process has loaded already: for workers that are threads of the driver. Thread safe.
/// </summary>
internal sealed class InProcessModules : IModuleResolver
{
    private readonly ConcurrentDictionary<(string, Guid), Assembly> _found = new();

    /// <inheritdoc/>
    public Assembly Resolve(string simpleName, Guid moduleVersionId) =>
        _found.GetOrAdd((simpleName, moduleVersionId), static key => Find(key.Item1, key.Item2));

    private static Assembly Find(string simpleName, Guid moduleVersionId)
    {
        Assembly? found = null;
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetName().Name == simpleName
                && (moduleVersionId == Guid.Empty || assembly.ManifestModule.ModuleVersionId == moduleVersionId)
                && (found is null || AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.Default))
            {
                found = assembly;
            }
        }

        if (found is null && moduleVersionId == Guid.Empty)
        {
            found = Assembly.Load(new AssemblyName(simpleName));
        }

        return found ?? throw new ModuleMismatchException(
            $"This process has not loaded {simpleName} with module version {moduleVersionId}, which the function " +
            "refers to. A function can be decoded in process only where it was encoded; elsewhere load its build " +
            "output first.");
    }
}
