namespace Lepton.Compute.Functions;

/// <summary>Types as C# writes them, for messages.</summary>
internal static class TypeText
{
    /// <summary>With namespace: <c>System.Collections.Generic.List&lt;System.Int32&gt;</c>.</summary>
    public static string Full(Type type) =>
        Write(type, t => t.Namespace is { } space ? $"{space}.{Outer(t)}" : Outer(t));

    /// <summary>Without namespace: <c>List&lt;Int32&gt;</c>.</summary>
    public static string Short(Type type) => Write(type, Outer);

    private static string Write(Type type, Func<Type, string> name)
    {
        if (type.IsArray)
        {
            return $"{Write(type.GetElementType()!, name)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        string plain = name(type);
        return type.IsGenericType
            ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(a => Write(a, name)))}>"
            : plain;
    }

    private static string Outer(Type type)
    {
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        string own = arity < 0 ? type.Name : type.Name[..arity];
        return type.IsNested && !type.IsGenericParameter ? $"{Outer(type.DeclaringType!)}.{own}" : own;
    }
}
