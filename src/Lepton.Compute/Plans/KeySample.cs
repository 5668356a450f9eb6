using Lepton.Compute.Datasets;
using Lepton.Core.Partitioning;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Plans;

/// <summary>
/// Draws the keys by which a sort cuts its ranges. Each partition is read up to its ten-thousandth record: a bad sample
/// makes ranges uneven, never wrong, while reading all would compute the lineage twice, as it does where a filter lets
/// few records pass.
/// </summary>
internal static class KeySample
{
    private const int RecordsReadMax = 10_000;
    private const int KeysMax = 500;

    /// <summary>Up to 500 keys of a partition's first 10,000 records, each with the same chance (Vitter's algorithm
    /// R).</summary>
    public static IEnumerable<TKey> Take<T, TKey>(IEnumerable<T> records, Func<T, TKey> key, PartitionContext context)
    {
        SeededRandom random = context.Random(seed: 0);
        var keys = new List<TKey>(KeysMax);
        int seen = 0;
        foreach (T record in records.Take(RecordsReadMax))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            seen++;
            if (keys.Count < KeysMax)
            {
                keys.Add(key(record));
            }
            else if (random.NextInt32(seen) is var place and < KeysMax)
            {
                keys[place] = key(record);
            }
        }

        return keys;
    }

    /// <summary>The upper bounds of at most <paramref name="partitions"/> ranges.</summary>
    public static TKey[] Bounds<TKey>(IEnumerable<TKey> keys, int partitions, IComparer<TKey> comparer) =>
        RangePartitioner.FromSample<TKey>(keys.ToArray(), partitions, comparer).UpperBounds.ToArray();
}
