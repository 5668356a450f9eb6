using System.Diagnostics.CodeAnalysis;

namespace Lepton.Compute.Formats;

/// <summary>How one type stands in a CSV field, culture-invariant.</summary>
internal abstract class FieldCodec<T>
{
    /// <summary>What a field must hold, for error messages: "a number (double)".</summary>
    public abstract string Expected { get; }

    /// <summary>Whether a field that means "no value" is an ordinary text for this type.</summary>
    public virtual bool KeepsMissing => false;

    public abstract bool TryParse(ReadOnlySpan<byte> utf8, [MaybeNullWhen(false)] out T value);

    /// <summary>The value of a missing field, where the type has one.</summary>
    public virtual bool TryMissing(bool missingAsNaN, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return false;
    }

    public abstract void Write(CsvRowWriter writer, T value);
}
