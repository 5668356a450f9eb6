namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// A quarter of the bytes: each element is one of 255 multiples of its block's scale, which is a 127th of the block's
/// largest magnitude. An element is off by half a scale at most, on the way there and on the way back.
/// </summary>
public sealed record Int8Compression : GradientCompression
{
    /// <summary>
    /// Elements that share a scale, 8 to 65,536: fewer are more exact, and cost 4 bytes a block.
    /// </summary>
    public int BlockElements { get; init; } = 512;

    internal override IEnumerable<string> Faults() => BlockElements is >= 8 and <= 65_536
        ? []
        : [$"{nameof(Int8Compression)}.{nameof(BlockElements)} is {BlockElements}; it must lie within 8 and 65536"];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new DenseExchange(link, new Int8Code(BlockElements));
}
