using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>Two bytes an element: float16 or bfloat16, rounded to the nearest, ties to even.</summary>
internal sealed class HalfCode(DType dtype) : IElementCode
{
    private const int Bytes = 2;

    public int Granularity => 1;

    public long BytesOf(long elements) => elements * Bytes;

    public void Encode(Tensor values, Tensor bytes) => AsHalves(bytes, values.ElementCount).CopyFrom(values);

    public void Decode(Tensor bytes, Tensor values) => values.CopyFrom(AsHalves(bytes, values.ElementCount));

    private Tensor AsHalves(Tensor bytes, long elements) =>
        Call("aten::view.dtype", bytes.Narrow(0, 0, elements * Bytes), dtype);
}
