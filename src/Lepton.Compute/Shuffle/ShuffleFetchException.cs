namespace Lepton.Compute.Shuffle;

/// <summary>The output of one map task can't be read. The driver makes it again; the reader is not to blame.</summary>
internal sealed class ShuffleFetchException(int shuffleId, int mapPartition, string reason, Exception? cause = null)
    : Exception($"The output of map partition {mapPartition} of shuffle {shuffleId} can't be read: {reason}", cause)
{
    public int ShuffleId { get; } = shuffleId;

    public int MapPartition { get; } = mapPartition;
}
