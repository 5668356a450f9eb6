using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Lepton.Core.Records.Collections;

/// <summary>As an array; the default immutable array as null.</summary>
internal sealed class ImmutableArrayCodec<T>(RecordCodec<T[]> array) : RecordCodec<ImmutableArray<T>>
{
    public override void Write(RecordWriter writer, ImmutableArray<T> value) =>
        array.Write(writer, ImmutableCollectionsMarshal.AsArray(value)!);

    public override ImmutableArray<T> Read(ref RecordReader reader) =>
        ImmutableCollectionsMarshal.AsImmutableArray(array.Read(ref reader));
}
