namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// How gradients are made small before ranks exchange them; for links that are slow beside the computation. Each kind
/// is a record of its own: <see cref="Float16Compression"/>, <see cref="BFloat16Compression"/>,
/// <see cref="Int8Compression"/>, <see cref="TopKCompression"/>, <see cref="SignCompression"/>,
/// <see cref="PowerSgdCompression"/>.
/// </summary>
/// <remarks>
/// Compression runs on a thread of its own while backward goes on, a bucket at a time. All ranks get the same
/// gradients, bit for bit where their processors are alike. What the last three leave out of a step is remembered and
/// added to the next (error feedback), so that it comes later, and nothing is lost.
/// </remarks>
public abstract record GradientCompression
{
    private protected GradientCompression()
    {
    }

    /// <summary>What is out of bounds, a sentence each.</summary>
    internal abstract IEnumerable<string> Faults();

    /// <summary>Begins to exchange by it.</summary>
    internal abstract GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters);
}
