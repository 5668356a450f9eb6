using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Lepton.Compute.Formats;

internal sealed class DoubleCodec : FieldCodec<double>
{
    public override string Expected => "a number (double)";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out double value) => FastDouble.TryParse(utf8, out value);

    public override bool TryMissing(bool missingAsNaN, out double value)
    {
        value = double.NaN;
        return missingAsNaN;
    }

    public override void Write(CsvRowWriter writer, double value) => writer.WriteFormatted(value);
}

/// <summary>float and Half, for which there is a NaN too.</summary>
internal sealed class FloatingCodec<T> : FieldCodec<T>
    where T : struct, IFloatingPointIeee754<T>, IUtf8SpanFormattable
{
    public override string Expected => $"a number ({FieldCodecs.NameOf(typeof(T))})";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out T value)
    {
        if (T.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        // The short names of infinity are the same for all widths.
        bool isNumber = FastDouble.TryParse(utf8, out double wide) && double.IsInfinity(wide);
        value = isNumber ? T.CreateSaturating(wide) : default;
        return isNumber;
    }

    public override bool TryMissing(bool missingAsNaN, out T value)
    {
        value = T.NaN;
        return missingAsNaN;
    }

    public override void Write(CsvRowWriter writer, T value) => writer.WriteFormatted(value);
}

internal sealed class IntegerCodec<T> : FieldCodec<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>, IUtf8SpanFormattable
{
    public override string Expected { get; } = string.Create(CultureInfo.InvariantCulture,
        $"a whole number from {T.MinValue} to {T.MaxValue} ({FieldCodecs.NameOf(typeof(T))})");

    public override bool TryParse(ReadOnlySpan<byte> utf8, out T value) =>
        T.TryParse(utf8, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    public override void Write(CsvRowWriter writer, T value) => writer.WriteFormatted(value);
}

internal sealed class DecimalCodec : FieldCodec<decimal>
{
    public override string Expected => "a number (decimal)";

    public override bool TryParse(ReadOnlySpan<byte> utf8, out decimal value) =>
        decimal.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public override void Write(CsvRowWriter writer, decimal value) => writer.WriteFormatted(value);
}

internal sealed class NullableCodec<T> : FieldCodec<T?>
    where T : struct
{
    private readonly FieldCodec<T> _inner = FieldCodecs.Create<T>();

    public override string Expected => $"{_inner.Expected}, or a missing value";

    public override bool TryParse(ReadOnlySpan<byte> utf8, [MaybeNullWhen(false)] out T? value)
    {
        bool isParsed = _inner.TryParse(utf8, out T inner);
        value = inner;
        return isParsed;
    }

    public override bool TryMissing(bool missingAsNaN, out T? value)
    {
        value = null;
        return true;
    }

    public override void Write(CsvRowWriter writer, T? value)
    {
        if (value is T inner)
        {
            _inner.Write(writer, inner);
        }
        else
        {
            writer.WriteMissing(isText: false);
        }
    }
}
