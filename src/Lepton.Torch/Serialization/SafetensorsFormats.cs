namespace Lepton.Torch.Serialization;

/// <summary>The format's names of dtypes.</summary>
internal static class SafetensorsFormats
{
    // In the order of the format's own list, by which writers sort.
    private static readonly (string Name, int Bytes, DType? DType)[] s_formats =
    [
        ("BOOL", 1, DType.Bool), ("U8", 1, DType.UInt8), ("I8", 1, DType.Int8), ("F8_E5M2", 1, null),
        ("F8_E4M3", 1, null), ("I16", 2, DType.Int16), ("U16", 2, null), ("F16", 2, DType.Float16),
        ("BF16", 2, DType.BFloat16), ("I32", 4, DType.Int32), ("U32", 4, null), ("F32", 4, DType.Float32),
        ("C64", 8, DType.Complex64), ("F64", 8, DType.Float64), ("I64", 8, DType.Int64), ("U64", 8, null),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Known => string.Join(", ", s_formats.Select(static format => format.Name));

    /// <summary>Bytes of an element; 0 for a name that is not known.</summary>
    public static int BytesOf(string name) => Find(name).Bytes;

    public static DType? DTypeOf(string name) => Find(name).DType;

    /// <summary>A dtype's name and its place in the list; null where the format has none.</summary>
    public static (string Name, int Place)? Of(DType dtype)
    {
        int place = Array.FindIndex(s_formats, format => format.DType == dtype);
        return place < 0 ? null : (s_formats[place].Name, place);
    }

    private static (string Name, int Bytes, DType? DType) Find(string name) =>
        Array.Find(s_formats, format => string.Equals(format.Name, name, StringComparison.Ordinal));
}
