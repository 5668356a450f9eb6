using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Names functions so that their author recognises them.</summary>
internal static class FunctionName
{
    private const string TopLevelMain = "<Main>$";

    /// <summary>
    /// <c>lambda in WordCount.Main</c>, <c>local function Clean in WordCount.Main</c>, or <c>WordCount.Split</c>.
    /// </summary>
    public static string Describe(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Describe(function.Method);
    }

    /// <inheritdoc cref="Describe(Delegate)"/>
    public static string Describe(MethodBase method)
    {
        string name = method.Name;
        int end = name.StartsWith('<') ? name.LastIndexOf('>') : -1;
        if (end < 0)
        {
            // F# makes a class of every closure; its name is the function's with the line behind it.
            return method.DeclaringType is { } owner ? $"{TypeText.Short(Author(owner))}.{name}" : name;
        }

        string place = Place(method, name[1..end]);
        return name.AsSpan(end + 1).StartsWith("g__")
            ? $"local function {name[(end + 4)..].Split('|')[0]} in {place}"
            : $"lambda in {place}";
    }

    /// <summary>True for a lambda or a local function, as opposed to a method that has a name of its own.</summary>
    public static bool IsLambda(MethodBase method) => CompilerNames.IsGeneratedMethod(method);

    private static string Place(MethodBase method, string outer)
    {
        Type? owner = method.DeclaringType is { } declaring ? Author(declaring) : null;
        string type = owner is null ? "a dynamic method" : TypeText.Short(owner);
        while (outer.StartsWith('<') && outer != TopLevelMain && outer.LastIndexOf('>') is var inner and > 1)
        {
            outer = outer[1..inner];
        }

        return outer switch
        {
            TopLevelMain => $"{type}.Main",
            ".ctor" => $"the constructor of {type}",
            ".cctor" => $"the static constructor of {type}",
            ['g' or 's', 'e', 't', '_', .. string property] => $"{type}.{property}",
            _ => $"{type}.{outer}",
        };
    }

    /// <summary>The class that the user wrote around compiler-generated ones.</summary>
    private static Type Author(Type type)
    {
        while (CompilerNames.IsGeneratedClass(type) && type.DeclaringType is { } outer)
        {
            // A nested class has the type arguments of the outer one before its own.
            type = outer.IsGenericTypeDefinition && type.IsConstructedGenericType
                ? outer.MakeGenericType(type.GetGenericArguments()[..outer.GetGenericArguments().Length])
                : outer;
        }

        return type;
    }
}
