namespace Lepton.Compute.Formats;

/// <summary>Reads and writes the fields of one type. Compiled rows call these, once a field.</summary>
internal static class CsvField<T>
{
    // Static and read-only: once compiled for good, calls through it are direct.
    private static readonly FieldCodec<T> Codec = FieldCodecs.Create<T>();

    public static T Read(CsvRow row, int slot)
    {
        ReadOnlySpan<byte> text = row.Text(slot);
        if (row.Dialect.IsMissing(text) && !Codec.KeepsMissing)
        {
            return ReadMissing(row, slot);
        }

        if (Codec.TryParse(text, out T? value))
        {
            return value;
        }

        row.Fail(slot, Codec.Expected, "can't read");
        return default!;
    }

    /// <summary>As <see cref="Read"/>, or the default where the file has no such column.</summary>
    public static T ReadOr(CsvRow row, int slot, object? otherwise)
    {
        if (row.HasColumn(slot))
        {
            return Read(row, slot);
        }

        return otherwise is null ? default! : (T)otherwise;
    }

    public static void Write(CsvRowWriter writer, T value) => Codec.Write(writer, value);

    private static T ReadMissing(CsvRow row, int slot)
    {
        if (Codec.TryMissing(row.Dialect.Options.MissingAsNaN, out T? value))
        {
            return value;
        }

        row.Fail(slot, Codec.Expected, "the value is missing");
        return default!;
    }
}

/// <summary>Strings that may be null: a missing field that isn't quoted is null.</summary>
internal static class CsvNullableText
{
    public static string? Read(CsvRow row, int slot) =>
        row.Dialect.IsMissing(row.Text(slot)) && !row.IsQuoted(slot) ? null : CsvField<string>.Read(row, slot);

    public static string? ReadOr(CsvRow row, int slot, object? otherwise) =>
        row.HasColumn(slot) ? Read(row, slot) : (string?)otherwise;

    public static void Write(CsvRowWriter writer, string? value) => writer.WriteText(value, isNullable: true);
}
