using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Lepton.Compute.Formats;

internal sealed class StringCodec : FieldCodec<string>
{
    public override string Expected => "text";

    public override bool KeepsMissing => true;

    public override bool TryParse(ReadOnlySpan<byte> utf8, out string value)
    {
        value = Encoding.UTF8.GetString(utf8);
        return true;
    }

    public override void Write(CsvRowWriter writer, string value) => writer.WriteText(value, isNullable: false);
}

internal sealed class Utf8TextCodec : FieldCodec<Utf8Text>
{
    public override string Expected => "text";

    public override bool KeepsMissing => true;

    public override bool TryParse(ReadOnlySpan<byte> utf8, out Utf8Text value)
    {
        value = new Utf8Text(utf8.ToArray());
        return true;
    }

    public override void Write(CsvRowWriter writer, Utf8Text value) => writer.WriteUtf8(value.Span);
}

internal sealed class CharCodec : FieldCodec<char>
{
    public override string Expected => "one character (char)";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out char value)
    {
        Span<char> one = stackalloc char[1];
        bool isOne = Utf8.ToUtf16(utf8, one, out int read, out int written) == System.Buffers.OperationStatus.Done
            && written == 1 && read == utf8.Length;
        value = isOne ? one[0] : '\0';
        return isOne;
    }

    public override void Write(CsvRowWriter writer, char value) => writer.WriteText(value.ToString(), isNullable: true);
}

internal sealed class BoolCodec : FieldCodec<bool>
{
    public override string Expected => "true, false, 1 or 0 (bool)";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(utf8, "true"u8) || utf8.SequenceEqual("1"u8);
        return value || Ascii.EqualsIgnoreCase(utf8, "false"u8) || utf8.SequenceEqual("0"u8);
    }

    public override void Write(CsvRowWriter writer, bool value) => writer.WriteUtf8(value ? "true"u8 : "false"u8);
}

internal sealed class GuidCodec : FieldCodec<Guid>
{
    public override string Expected => "a GUID such as 01234567-89ab-cdef-0123-456789abcdef";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out Guid value) =>
        Guid.TryParse(utf8, out value);

    public override void Write(CsvRowWriter writer, Guid value) => writer.WriteFormatted(value);
}

/// <summary>Enums by name, case ignored; by number where it is a value that the enum names, or any for flags.</summary>
internal sealed class EnumCodec<T> : FieldCodec<T>
    where T : struct, Enum
{
    private const int NamesShownMax = 12;
    private readonly byte[][] _names = [.. Enum.GetNames<T>().Select(Encoding.UTF8.GetBytes)];
    private readonly T[] _values = [.. Enum.GetNames<T>().Select(Enum.Parse<T>)];
    private readonly bool _isFlags = typeof(T).IsDefined(typeof(FlagsAttribute), inherit: false);

    public override string Expected
    {
        get
        {
            string[] names = Enum.GetNames<T>();
            string more = names.Length > NamesShownMax ? ", …" : "";
            return $"one of {string.Join(", ", names.Take(NamesShownMax))}{more} ({typeof(T).Name})";
        }
    }

    public override bool TryParse(ReadOnlySpan<byte> utf8, out T value)
    {
        for (int index = 0; index < _names.Length; index++)
        {
            if (utf8.SequenceEqual(_names[index]))
            {
                value = _values[index];
                return true;
            }
        }

        string text = Encoding.UTF8.GetString(utf8);
        return Enum.TryParse(text, ignoreCase: true, out value) && (_isFlags || Enum.IsDefined(value));
    }

    public override void Write(CsvRowWriter writer, T value) => writer.WriteText(value.ToString(), isNullable: true);
}
