using System.Reflection;

namespace Lepton.Compute.Formats;

/// <summary>Picks the codec of a type.</summary>
internal static class FieldCodecs
{
    public const string SupportedTypes = "numbers, bool, char, string, Utf8Text, DateTime, DateTimeOffset, DateOnly, " +
        "TimeOnly, TimeSpan, Guid, enums, and nullables of these";

    private static readonly HashSet<Type> Integers =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
        typeof(long), typeof(ulong), typeof(nint), typeof(nuint), typeof(Int128), typeof(UInt128),
    ];

    private static readonly Dictionary<Type, Type> Others = new()
    {
        [typeof(double)] = typeof(DoubleCodec),
        [typeof(float)] = typeof(FloatingCodec<float>),
        [typeof(Half)] = typeof(FloatingCodec<Half>),
        [typeof(decimal)] = typeof(DecimalCodec),
        [typeof(bool)] = typeof(BoolCodec),
        [typeof(char)] = typeof(CharCodec),
        [typeof(string)] = typeof(StringCodec),
        [typeof(Utf8Text)] = typeof(Utf8TextCodec),
        [typeof(DateTime)] = typeof(DateTimeCodec),
        [typeof(DateTimeOffset)] = typeof(DateTimeOffsetCodec),
        [typeof(DateOnly)] = typeof(DateOnlyCodec),
        [typeof(TimeOnly)] = typeof(TimeOnlyCodec),
        [typeof(TimeSpan)] = typeof(TimeSpanCodec),
        [typeof(Guid)] = typeof(GuidCodec),
    };

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
    };

    public static bool IsSupported(Type type) => CodecOf(type) is not null;

    public static FieldCodec<T> Create<T>()
    {
        Type codec = CodecOf(typeof(T)) ?? throw new UnmappableTypeException(typeof(T), null,
            $"fields hold only {SupportedTypes}.");
        return (FieldCodec<T>)Activator.CreateInstance(codec)!;
    }

    /// <summary>The name that C# has for the type.</summary>
    public static string NameOf(Type type) => Keywords.GetValueOrDefault(type, type.Name);

    private static Type? CodecOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return IsSupported(inner) ? typeof(NullableCodec<>).MakeGenericType(inner) : null;
        }

        if (type.IsEnum)
        {
            return typeof(EnumCodec<>).MakeGenericType(type);
        }

        return Integers.Contains(type) ? typeof(IntegerCodec<>).MakeGenericType(type) : Others.GetValueOrDefault(type);
    }
}
