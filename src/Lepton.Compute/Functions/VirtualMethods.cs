using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Which method a virtual or interface call runs on an object of a given class.</summary>
internal static class VirtualMethods
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    /// <summary>The method that runs; null when it can't be told.</summary>
    public static MethodInfo? Resolve(MethodInfo callee, Type runtimeType)
    {
        MethodInfo definition = callee.IsGenericMethod ? callee.GetGenericMethodDefinition() : callee;
        MethodInfo? found = callee.DeclaringType!.IsInterface
            ? ResolveInterface(definition, runtimeType)
            : ResolveClass(definition, runtimeType);
        return found is not null && callee.IsGenericMethod && found.IsGenericMethodDefinition
            ? found.MakeGenericMethod(callee.GetGenericArguments())
            : found;
    }

    private static MethodInfo? ResolveInterface(MethodInfo definition, Type runtimeType)
    {
        Type wanted = definition.DeclaringType!;
        if (!Array.Exists(runtimeType.GetInterfaces(), i => i == wanted))
        {
            return null;
        }

        InterfaceMapping map = runtimeType.GetInterfaceMap(wanted);
        int index = Array.FindIndex(map.InterfaceMethods, m => IsSame(m, definition));
        return index < 0 ? null : map.TargetMethods[index];
    }

    private static MethodInfo? ResolveClass(MethodInfo definition, Type runtimeType)
    {
        MethodInfo slot = definition.GetBaseDefinition();
        for (Type? type = runtimeType; type is not null; type = type.BaseType)
        {
            foreach (MethodInfo method in type.GetMethods(Declared))
            {
                if (method.IsVirtual && IsSame(method.GetBaseDefinition(), slot))
                {
                    return method;
                }
            }
        }

        return null;
    }

    private static bool IsSame(MethodInfo left, MethodInfo right) =>
        left.MetadataToken == right.MetadataToken && left.Module == right.Module;
}
