namespace Lepton.Training.Checkpoints;

/// <summary>Who writes which tensor, so that each rank writes about as many bytes. Pure; the same on every
/// rank.</summary>
internal static class ShardPlan
{
    /// <summary>The places of the tensors that a rank writes, each tensor being written by one.</summary>
    /// <param name="bytes">The tensors' sizes, in the same order on every rank.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="ranks">How many there are.</param>
    public static IReadOnlyList<int> Of(IReadOnlyList<long> bytes, int rank, int ranks)
    {
        var load = new long[ranks];
        var mine = new List<int>();

        // The largest first, each to whoever has least so far; ties by place and rank.
        foreach (int place in Enumerable.Range(0, bytes.Count).OrderByDescending(place => bytes[place]))
        {
            int least = Array.IndexOf(load, load.Min());
            load[least] += bytes[place];
            if (least == rank)
            {
                mine.Add(place);
            }
        }

        mine.Sort();
        return mine;
    }
}
