using System.Text;

namespace Lepton.Core.Records;

/// <summary>Types as a C# programmer writes them, for messages.</summary>
internal static class TypeNames
{
    /// <summary>With namespaces: <c>System.Collections.Generic.List&lt;Shop.Order&gt;</c>.</summary>
    public static string Full(Type type) => Name(type, full: true);

    /// <summary>Without namespaces: <c>List&lt;Order&gt;</c>.</summary>
    public static string Short(Type type) => Name(type, full: false);

    private static string Name(Type type, bool full)
    {
        if (Keyword(type) is string keyword)
        {
            return keyword;
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, full)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.HasElementType)
        {
            return Name(type.GetElementType()!, full) + (type.IsByRef ? "&" : "*");
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (Nullable.GetUnderlyingType(type) is Type inner)
        {
            return Name(inner, full) + "?";
        }

        return type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) ? Anonymous(type) : Named(type, full);
    }

    private static string? Keyword(Type type) => type.IsEnum ? null : Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "bool",
        TypeCode.Byte => "byte",
        TypeCode.SByte => "sbyte",
        TypeCode.Int16 => "short",
        TypeCode.UInt16 => "ushort",
        TypeCode.Int32 => "int",
        TypeCode.UInt32 => "uint",
        TypeCode.Int64 => "long",
        TypeCode.UInt64 => "ulong",
        TypeCode.Char => "char",
        TypeCode.Single => "float",
        TypeCode.Double => "double",
        TypeCode.Decimal => "decimal",
        TypeCode.String => "string",
        _ => type == typeof(object) ? "object" : null,
    };

    private static string Anonymous(Type type) =>
        $"new {{ {string.Join(", ", type.GetProperties().Select(property => property.Name))} }}";

    private static string Named(Type type, bool full)
    {
        // A nested generic type lists the arguments of its outer types first: Outer<A>.Inner<B> has [A, B].
        Type[] arguments = type.GetGenericArguments();
        var name = new StringBuilder();
        if (full && !string.IsNullOrEmpty(type.Namespace))
        {
            name.Append(type.Namespace).Append('.');
        }

        var chain = new Stack<Type>();
        for (Type? level = type; level is not null; level = level.DeclaringType)
        {
            chain.Push(level);
        }

        int used = 0;
        while (chain.TryPop(out Type? level))
        {
            int tick = level.Name.IndexOf('`', StringComparison.Ordinal);
            name.Append(tick < 0 ? level.Name : level.Name[..tick]);
            int count = level.GetGenericArguments().Length;
            if (count > used)
            {
                name.Append('<').AppendJoin(", ", arguments[used..count].Select(a => Name(a, full))).Append('>');
                used = count;
            }

            if (chain.Count > 0)
            {
                name.Append('.');
            }
        }

        return name.ToString();
    }
}
