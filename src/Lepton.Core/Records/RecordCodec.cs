namespace Lepton.Core.Records;

/// <summary>Finds and compiles codecs.</summary>
public abstract class RecordCodec
{
    /// <summary>The codec of <typeparamref name="T"/>, compiled on first use and kept.</summary>
    /// <exception cref="UncodableTypeException">The type, or a member of it, can't be coded; the message has the path.</exception>
    public static RecordCodec<T> For<T>() => throw new UncodableTypeException(typeof(T), [], "not written yet");

    /// <summary>As <see cref="For{T}"/>, for a type known only at run time.</summary>
    public static RecordCodec For(Type type) => throw new UncodableTypeException(type, [], "not written yet");

    /// <summary>As <see cref="RecordCodec{T}.Write"/>, boxed.</summary>
    public abstract void WriteObject(RecordWriter writer, object? value);

    /// <summary>As <see cref="RecordCodec{T}.Read"/>, boxed.</summary>
    public abstract object? ReadObject(ref RecordReader reader);
}
