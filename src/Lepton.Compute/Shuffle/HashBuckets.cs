namespace Lepton.Compute.Shuffle;

/// <summary>Maps a 64-bit hash to one of n buckets by its high bits, without a division (Lemire,
/// "fastrange").</summary>
internal static class HashBuckets
{
    public static int Of(ulong hash, int buckets) => (int)Math.BigMul(hash, (ulong)buckets, out _);
}
