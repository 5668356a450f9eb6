using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Half the bytes, as <see cref="Float16Compression"/>, with the range of float32 and fewer digits: elements are exact
/// to 1 part in 256 twice.
/// </summary>
public sealed record BFloat16Compression : GradientCompression
{
    internal override IEnumerable<string> Faults() => [];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new DenseExchange(link, new HalfCode(DType.BFloat16));
}
