namespace Lepton.Torch.Serialization;

/// <summary>A tensor of a safetensors file, as the file's header tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Format">The format's name of its dtype, such as <c>F32</c>.</param>
/// <param name="Shape">The size of each dimension.</param>
/// <param name="Offset">Where its bytes begin, counted from the end of the header.</param>
/// <param name="Bytes">How many there are.</param>
public sealed record SafetensorsEntry(string Name, string Format, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>The dtype; null where libtorch has none for it.</summary>
    public DType? DType => SafetensorsFormats.DTypeOf(Format);

    internal long End => Offset + Bytes;
}
