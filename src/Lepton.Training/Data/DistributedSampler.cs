using Lepton.Core.Randomness;

namespace Lepton.Training.Data;

/// <summary>
/// Which samples a rank takes in which batch. The order of an epoch follows from the seed and the epoch alone, and is
/// cut into batches that all ranks share: each takes every Nth sample of a batch. So a batch holds the same samples for
/// any number of ranks, none is taken twice in an epoch, none is left out, and a position holds for other numbers of
/// ranks.
/// </summary>
/// <remarks>
/// PyTorch's <c>DistributedSampler</c> cuts the epoch among the ranks first, and repeats samples so that all have as
/// many; here the last batch may give some ranks one sample less, or none. Not thread safe.
/// </remarks>
public sealed class DistributedSampler
{
    private readonly ulong _seed;
    private readonly bool _isShuffled;
    private long _orderEpoch = -1;
    private long[] _order = [];

    /// <summary>Makes a sampler for one rank.</summary>
    /// <param name="samples">How many samples there are, 1 or more.</param>
    /// <param name="batchSize">Samples of a batch, all ranks taken together; not fewer than ranks.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="seed">Where the orders come from.</param>
    /// <param name="isShuffled">False: in the data set's order.</param>
    public DistributedSampler(
        long samples, int batchSize, int rank = 0, int ranks = 1, ulong seed = 0, bool isShuffled = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        if (batchSize < ranks)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batchSize), batchSize,
                $"A batch of {batchSize} can't be divided among {ranks} ranks: give a batch size of {ranks} or more.");
        }

        Samples = samples;
        BatchSize = batchSize;
        Rank = rank;
        Ranks = ranks;
        _seed = seed;
        _isShuffled = isShuffled;
    }

    /// <summary>How many samples there are.</summary>
    public long Samples { get; }

    /// <summary>Samples of a batch, all ranks taken together; the last may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>This rank.</summary>
    public int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    public int Ranks { get; }

    /// <summary>Batches of an epoch.</summary>
    public long BatchesPerEpoch => (Samples + BatchSize - 1) / BatchSize;

    /// <summary>How many samples all ranks together take in a batch.</summary>
    public int SizeOf(long batch) => (int)Math.Min(BatchSize, Samples - (batch * BatchSize));

    /// <summary>This rank's samples of a batch; may be none in the last.</summary>
    public long[] IndicesOf(SamplePosition position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position.Batch, nameof(position));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position.Batch, BatchesPerEpoch, nameof(position));
        long[] order = OrderOf(position.Epoch);
        long start = position.Batch * BatchSize;
        int size = SizeOf(position.Batch);
        var indices = new long[(size - Rank + Ranks - 1) / Ranks];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = order[start + Rank + ((long)i * Ranks)];
        }

        return indices;
    }

    private long[] OrderOf(long epoch)
    {
        if (_orderEpoch != epoch)
        {
            var order = new long[Samples];
            for (long i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }

            if (_isShuffled)
            {
                new SeededRandom(SeededRandom.DeriveSeed(_seed, (ulong)epoch)).Shuffle<long>(order);
            }

            _order = order;
            _orderEpoch = epoch;
        }

        return _order;
    }
}
