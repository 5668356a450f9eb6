namespace Lepton.Core.Records.Leaves;

/// <summary>A leaf and the fewest bytes that it writes.</summary>
internal sealed class Leaf(Type type, int bytesMin)
{
    public Type Type { get; } = type;

    public int BytesMin { get; } = bytesMin;
}

/// <summary>Which leaf serves a type.</summary>
internal static class LeafCatalog
{
    /// <summary>The leaf for <paramref name="type"/>, or null when it takes a codec.</summary>
    public static Leaf? Find(Type type)
    {
        if (type.IsEnum)
        {
            Type number = type.GetEnumUnderlyingType();
            return Find(number) is Leaf beneath
                ? new Leaf(typeof(EnumLeaf<,,>).MakeGenericType(type, number, beneath.Type), beneath.BytesMin)
                : null;
        }

        if (Nullable.GetUnderlyingType(type) is Type inner)
        {
            return Find(inner) is Leaf leaf
                ? new Leaf(typeof(NullableLeaf<,>).MakeGenericType(inner, leaf.Type), 1)
                : null;
        }

        if (type.IsSZArray && IsBulk(type.GetElementType()!))
        {
            return new Leaf(typeof(BulkArrayLeaf<>).MakeGenericType(type.GetElementType()!), 1);
        }

        if (type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(List<>)
            && IsBulk(type.GenericTypeArguments[0]))
        {
            return new Leaf(typeof(BulkListLeaf<>).MakeGenericType(type.GenericTypeArguments[0]), 1);
        }

        return Primitive(type) ?? Other(type);
    }

    /// <summary>
    /// True for types of which every bit pattern is a value (bool is checked) and the memory has no gaps.
    /// </summary>
    public static bool IsBulk(Type type)
    {
        Type number = type.IsEnum ? type.GetEnumUnderlyingType() : type;
        return Type.GetTypeCode(number) is (>= TypeCode.Boolean and <= TypeCode.Double)
            || number == typeof(Half) || number == typeof(Int128) || number == typeof(UInt128)
            || number == typeof(Guid) || number == typeof(TimeSpan);
    }

    private static Leaf? Primitive(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => new Leaf(typeof(BooleanLeaf), 1),
        TypeCode.Byte => new Leaf(typeof(ByteLeaf), 1),
        TypeCode.SByte => new Leaf(typeof(SByteLeaf), 1),
        TypeCode.Int16 => new Leaf(typeof(Int16Leaf), 1),
        TypeCode.UInt16 => new Leaf(typeof(UInt16Leaf), 1),
        TypeCode.Int32 => new Leaf(typeof(Int32Leaf), 1),
        TypeCode.UInt32 => new Leaf(typeof(UInt32Leaf), 1),
        TypeCode.Int64 => new Leaf(typeof(Int64Leaf), 1),
        TypeCode.UInt64 => new Leaf(typeof(UInt64Leaf), 1),
        TypeCode.Char => new Leaf(typeof(CharLeaf), 1),
        TypeCode.Single => new Leaf(typeof(SingleLeaf), 4),
        TypeCode.Double => new Leaf(typeof(DoubleLeaf), 8),
        TypeCode.Decimal => new Leaf(typeof(DecimalLeaf), 16),
        TypeCode.DateTime => new Leaf(typeof(DateTimeLeaf), 8),
        TypeCode.String => new Leaf(typeof(StringLeaf), 1),
        _ => null,
    };

    /// <summary>By name, because to ask by type would load the assemblies of all of them.</summary>
    private static Leaf? Other(Type type)
    {
        if (type.IsGenericType || type.IsNested
            || !type.Assembly.FullName!.StartsWith("System.", StringComparison.Ordinal))
        {
            return null;
        }

        return type.FullName switch
        {
            "System.Int128" => new Leaf(typeof(Int128Leaf), 16),
            "System.UInt128" => new Leaf(typeof(UInt128Leaf), 16),
            "System.Half" => new Leaf(typeof(HalfLeaf), 2),
            "System.Text.Rune" => new Leaf(typeof(RuneLeaf), 1),
            "System.DateTimeOffset" => new Leaf(typeof(DateTimeOffsetLeaf), 9),
            "System.DateOnly" => new Leaf(typeof(DateOnlyLeaf), 1),
            "System.TimeOnly" => new Leaf(typeof(TimeOnlyLeaf), 1),
            "System.TimeSpan" => new Leaf(typeof(TimeSpanLeaf), 8),
            "System.Guid" => new Leaf(typeof(GuidLeaf), 16),
            "System.Numerics.BigInteger" => new Leaf(typeof(BigIntegerLeaf), 1),
            "System.Uri" => new Leaf(typeof(UriLeaf), 1),
            "System.Version" => new Leaf(typeof(VersionLeaf), 1),
            _ => null,
        };
    }
}
