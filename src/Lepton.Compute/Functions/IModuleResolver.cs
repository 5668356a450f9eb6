using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Finds the assemblies that a graph refers to.</summary>
internal interface IModuleResolver
{
    /// <summary>
    /// The assembly of that name. An empty <paramref name="moduleVersionId"/> takes any version: the assemblies of the
    /// framework.
    /// </summary>
    /// <exception cref="ModuleMismatchException">It is not there, or is another build.</exception>
    Assembly Resolve(string simpleName, Guid moduleVersionId);
}
