namespace Lepton.Core.Records;

/// <summary>
/// Writes and reads values of one type. The bytes depend on the value alone, so equal values give equal bytes in every process.
/// Codecs are immutable and thread safe. Obtain one from <see cref="RecordCodec.For{T}"/>.
/// </summary>
public abstract class RecordCodec<T> : RecordCodec
{
    /// <summary>Appends <paramref name="value"/> to <paramref name="writer"/>: at least one byte.</summary>
    /// <exception cref="UncodableValueException">
    /// The value can't be carried although its type can: a subclass, a cycle, a chain that is too long.
    /// </exception>
    public abstract void Write(RecordWriter writer, T value);

    /// <summary>
    /// Reads one value. Damaged input gives a wrong value or an exception; never a hang, nor memory beyond a small multiple
    /// of the input. It runs no code of the value's type, but for equality and hash codes of the keys of dictionaries and sets.
    /// </summary>
    /// <exception cref="CorruptRecordException">The bytes are not a value of this type.</exception>
    public abstract T Read(ref RecordReader reader);

    /// <inheritdoc/>
    public sealed override void WriteObject(RecordWriter writer, object? value) => Write(writer, (T)value!);

    /// <inheritdoc/>
    public sealed override object? ReadObject(ref RecordReader reader) => Read(ref reader);
}
