namespace Lepton.Core.Records;

/// <summary>
/// Names the codec of a type that should not travel field by field: a view of a larger buffer, say. The codec derives
/// from <see cref="RecordCodec{T}"/> and has a constructor without parameters, public or not.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class RecordCodecAttribute(Type codec) : Attribute
{
    /// <summary>The codec's type.</summary>
    public Type Codec { get; } = codec;
}
