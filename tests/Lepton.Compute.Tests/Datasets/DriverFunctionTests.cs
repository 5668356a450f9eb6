using System.Reflection;
using System.Runtime.CompilerServices;
using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>
/// The analyzers take every function that is given to this assembly for one that runs on workers, unless its parameter
/// says that it does not.
/// </summary>
public sealed class DriverFunctionTests
{
    [Fact]
    public void Parameters_OfPublicMethodsThatAreNoOperators_SayThatTheirFunctionsStayAtHome()
    {
        IEnumerable<string> unmarked =
            from type in typeof(LeptonSession).Assembly.GetExportedTypes()
            where !typeof(Delegate).IsAssignableFrom(type)
            from method in type.GetMembers(
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .OfType<MethodBase>()
            where (method is ConstructorInfo || !method.IsSpecialName) && !IsOperator(method)
            from parameter in method.GetParameters()
            where typeof(Delegate).IsAssignableFrom(parameter.ParameterType)
                && parameter.GetCustomAttribute<RunsOnWorkersAttribute>() is null
            select $"{type.Name}.{method.Name}({parameter.Name})";

        Assert.Empty(unmarked);
    }

    // Methods of data sets, and extensions of data sets and sessions.
    private static bool IsOperator(MethodBase method) =>
        IsDataset(method.DeclaringType!)
        || (method.IsDefined(typeof(ExtensionAttribute)) && method.GetParameters()[0].ParameterType is var extended
            && (IsDataset(extended) || extended == typeof(LeptonSession)));

    private static bool IsDataset(Type? type) =>
        type is not null
        && ((type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dataset<>)) || IsDataset(type.BaseType));
}
