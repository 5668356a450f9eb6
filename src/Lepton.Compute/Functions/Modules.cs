using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Which assemblies come with the runtime and which with a program's build output.</summary>
internal static class Modules
{
    /// <summary>
    /// True for the assemblies of .NET and ASP.NET Core. Their types are named, not numbered: a worker may run on
    /// another patch release than the driver.
    /// </summary>
    public static bool IsFramework(Assembly assembly) => IsFramework(assembly.GetName().Name!);

    /// <inheritdoc cref="IsFramework(Assembly)"/>
    public static bool IsFramework(string simpleName) =>
        simpleName is "System" or "mscorlib" or "netstandard"
        || simpleName.StartsWith("System.", StringComparison.Ordinal)
        || simpleName.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        || simpleName.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        || simpleName.StartsWith("Microsoft.Win32.", StringComparison.Ordinal);
}
