namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Sends two thin matrices for each gradient matrix, whose product is near it: one step of the power iteration a
/// training step, which goes on from the last step's (warm start); what the product leaves out is added to the next
/// step's gradients (Vogels et al., "PowerSGD: Practical Low-Rank Gradient Compression", 2019, algorithms 1 and 2).
/// </summary>
/// <remarks>
/// Of an n × m matrix (n + m) × <see cref="Rank"/> elements are summed over ranks, whatever their number: for 1024 ×
/// 1024 and rank 4 a 128th. Vectors, and matrices that would gain nothing, are sent as they are.
/// </remarks>
public sealed record PowerSgdCompression : GradientCompression
{
    /// <summary>The rank of the approximation, 1 to 64; 4 by default.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>Where the first step's matrices come from; the same on all ranks.</summary>
    public ulong Seed { get; init; }

    internal override IEnumerable<string> Faults() => Rank is >= 1 and <= 64
        ? []
        : [$"{nameof(PowerSgdCompression)}.{nameof(Rank)} is {Rank}; it must lie within 1 and 64"];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new PowerSgdExchange(link, parameters, this);
}
