namespace Lepton.Compute.Shuffle;

/// <summary>
/// A few records at hand, however they are kept. A struct, so that loops over it are compiled for its kind.
/// </summary>
internal interface IRecordBatch<T>
{
    int Count { get; }

    /// <summary>A record; <paramref name="index"/> is not checked.</summary>
    T this[int index] { get; }
}
