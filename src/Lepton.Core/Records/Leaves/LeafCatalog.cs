using System.Numerics;
using System.Text;

namespace Lepton.Core.Records.Leaves;

/// <summary>A leaf and the fewest bytes that it writes.</summary>
internal readonly record struct Leaf(Type Type, int BytesMin);

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

    /// <summary>True for types of which every bit pattern is a value (bool is checked) and the memory has no gaps.</summary>
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

    private static Leaf? Other(Type type)
    {
        if (type.Namespace is not ("System" or "System.Numerics" or "System.Text"))
        {
            return null;
        }

        return type == typeof(Int128) ? new Leaf(typeof(Int128Leaf), 16)
            : type == typeof(UInt128) ? new Leaf(typeof(UInt128Leaf), 16)
            : type == typeof(Half) ? new Leaf(typeof(HalfLeaf), 2)
            : type == typeof(Rune) ? new Leaf(typeof(RuneLeaf), 1)
            : type == typeof(DateTimeOffset) ? new Leaf(typeof(DateTimeOffsetLeaf), 9)
            : type == typeof(DateOnly) ? new Leaf(typeof(DateOnlyLeaf), 1)
            : type == typeof(TimeOnly) ? new Leaf(typeof(TimeOnlyLeaf), 1)
            : type == typeof(TimeSpan) ? new Leaf(typeof(TimeSpanLeaf), 8)
            : type == typeof(Guid) ? new Leaf(typeof(GuidLeaf), 16)
            : type == typeof(BigInteger) ? new Leaf(typeof(BigIntegerLeaf), 1)
            : type == typeof(Uri) ? new Leaf(typeof(UriLeaf), 1)
            : type == typeof(Version) ? new Leaf(typeof(VersionLeaf), 1)
            : null;
    }
}
