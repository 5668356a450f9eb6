namespace Lepton.Core.Records;

/// <summary>
/// Writes and reads values of one type. The bytes depend on the value alone, so equal values give equal bytes in every process.
/// Codecs are immutable and thread safe. Obtain one from <see cref="RecordCodec.For{T}"/>.
/// </summary>
public abstract class RecordCodec<T> : RecordCodec
{
    /// <summary>Appends <paramref name="value"/> to <paramref name="writer"/>.</summary>
    public abstract void Write(RecordWriter writer, T value);

    /// <summary>Reads one value.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not a value of this type.</exception>
    public abstract T Read(ref RecordReader reader);

    /// <inheritdoc/>
    public sealed override void WriteObject(RecordWriter writer, object? value) => Write(writer, (T)value!);

    /// <inheritdoc/>
    public sealed override object? ReadObject(ref RecordReader reader) => Read(ref reader);
}
