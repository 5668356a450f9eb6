namespace Lepton.Training.Parallelism.Compression;

/// <summary>A parameter whose gradient is exchanged.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Shape">The size of each dimension.</param>
internal sealed record TrainedParameter(string Name, long[] Shape)
{
    public long Elements { get; } = Shape.Aggregate(1L, static (product, size) => product * size);
}
