using Lepton.Core.Randomness;

namespace Lepton.Training.Data;

/// <summary>Cuts samples into folds for a cross-validation: each sample is validated on once.</summary>
public static class KFold
{
    /// <summary>The numbers of the samples of each fold: what to train on, and what to validate on.</summary>
    /// <param name="samples">How many samples there are; not fewer than folds.</param>
    /// <param name="folds">How many folds, 2 or more. They differ in size by one sample at most.</param>
    /// <param name="seed">Decides which sample is in which fold.</param>
    public static IReadOnlyList<(IReadOnlyList<long> Train, IReadOnlyList<long> Validate)> Split(
        long samples, int folds, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, folds);
        long[] order = new long[samples];
        for (long i = 0; i < samples; i++)
        {
            order[i] = i;
        }

        new SeededRandom(seed).Shuffle<long>(order);
        return [.. Enumerable.Range(0, folds).Select(fold => Fold(order, fold, folds))];
    }

    private static (IReadOnlyList<long> Train, IReadOnlyList<long> Validate) Fold(long[] order, int fold, int folds)
    {
        int start = (int)((long)order.Length * fold / folds);
        int end = (int)((long)order.Length * (fold + 1) / folds);
        return ([.. order[..start], .. order[end..]], order[start..end]);
    }
}
