using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>A code of fewer bytes for float32 elements. Pure.</summary>
internal interface IElementCode
{
    /// <summary>Parts begin at multiples of so many elements.</summary>
    int Granularity { get; }

    /// <summary>Bytes of so many elements.</summary>
    long BytesOf(long elements);

    /// <summary>Packs float32 [n], n from 0, into uint8 [.., at least its bytes].</summary>
    void Encode(Tensor values, Tensor bytes);

    /// <summary>Unpacks what <see cref="Encode"/> made of as many elements.</summary>
    void Decode(Tensor bytes, Tensor values);
}
