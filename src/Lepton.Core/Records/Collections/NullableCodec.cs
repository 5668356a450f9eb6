namespace Lepton.Core.Records.Collections;

/// <summary>A byte, 0 for null, then the value.</summary>
internal sealed class NullableCodec<T>(RecordCodec<T> inner) : RecordCodec<T?>
    where T : struct
{
    public override void Write(RecordWriter writer, T? value)
    {
        writer.WriteBoolean(value.HasValue);
        if (value.HasValue)
        {
            inner.Write(writer, value.GetValueOrDefault());
        }
    }

    public override T? Read(ref RecordReader reader) => reader.ReadBoolean() ? inner.Read(ref reader) : null;
}
