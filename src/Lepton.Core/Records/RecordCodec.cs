using Lepton.Core.Records.Compilation;

namespace Lepton.Core.Records;

/// <summary>Finds and compiles codecs. Thread safe.</summary>
/// <remarks>
/// <para>
/// Carried are: numbers of every width, <see cref="bool"/>, <see cref="char"/>, strings, dates and times, <see cref="Guid"/>,
/// <see cref="Uri"/>, <see cref="Version"/>, enums, nullables, arrays of any rank, lists, dictionaries, sets, immutable arrays, memory,
/// tuples, anonymous types, and records, classes and structs of the user. Of these last all instance fields travel, those
/// of base classes and the hidden ones behind properties included, whatever their access; a field marked
/// <see cref="NonSerializedAttribute"/> is left out and is default after reading. Reading runs no constructor and no setter.
/// </para>
/// <para>
/// A value comes back as it was, down to the bits: the kind of a <see cref="DateTime"/>, the scale of a
/// <see cref="decimal"/>, the payload of a NaN, lone surrogates, null. What does not travel is identity: an object that is
/// reached twice comes back as two. A read-only list interface comes back as an array, a writable one as a
/// <see cref="List{T}"/>. Dictionaries and sets keep a comparer that ignores case; any other is refused.
/// </para>
/// <para>
/// The bytes depend on the carried state alone: dictionaries and sets are written in the order of their keys' bytes. So
/// equal states give equal bytes, in every process. Values that compare equal with different state (0.0 and -0.0, 1.0m and
/// 1.00m) give different bytes. The bytes don't name their type, and fields are ordered by name: reader and writer
/// must have the same definition of the type. Numbers are little endian, whatever the machine.
/// </para>
/// </remarks>
public abstract class RecordCodec
{
    /// <summary>The fewest bytes that a value takes, at least 1; a reader refuses counts that can't be true by it.</summary>
    internal virtual int BytesMin => 1;

    /// <summary>The codec of <typeparamref name="T"/>, compiled on first use and kept as long as the type is.</summary>
    /// <exception cref="UncodableTypeException">The type, or a member of it, can't be coded; the message has the path.</exception>
    public static RecordCodec<T> For<T>() => CodecCache<T>.Codec ?? (RecordCodec<T>)CodecCompiler.Compile(typeof(T));

    /// <summary>As <see cref="For{T}"/>, for a type known only at run time.</summary>
    /// <exception cref="UncodableTypeException">The type, or a member of it, can't be coded; the message has the path.</exception>
    public static RecordCodec For(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return CodecCompiler.Compile(type);
    }

    /// <summary>As <see cref="RecordCodec{T}.Write"/>, boxed.</summary>
    public abstract void WriteObject(RecordWriter writer, object? value);

    /// <summary>As <see cref="RecordCodec{T}.Read"/>, boxed.</summary>
    public abstract object? ReadObject(ref RecordReader reader);
}
