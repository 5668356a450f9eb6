using Lepton.Core.Randomness;

namespace Lepton.Learning;

/// <summary>
/// Cuts the rows into parts of nearly equal size; each is judged on once while the others are fitted on.
/// Source: scikit-learn <c>KFold</c>.
/// </summary>
public sealed record KFold
{
    /// <summary>Number of parts; at least 2. Default: 5.</summary>
    public int NSplits { get; init; } = 5;

    /// <summary>Whether the rows are shuffled first. Default: false.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Decides the shuffle. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The splits of a table with so many rows; the first ones are a row larger where rows don't
    /// divide.</summary>
    /// <exception cref="LearningDataException">There are fewer rows than parts.</exception>
    /// <exception cref="LearningOptionsException"><see cref="NSplits"/> is below 2.</exception>
    public IReadOnlyList<RowSplit> Split(int rows)
    {
        RequireRows("KFold", NSplits, rows);
        int[] order = [.. Enumerable.Range(0, rows)];
        if (Shuffle)
        {
            new SeededRandom(FoldSeed(Seed)).Shuffle(order.AsSpan());
        }

        int[] foldOf = new int[rows];
        for (int i = 0, fold = 0, left = SizeOf(0); i < rows; i++, left--)
        {
            if (left == 0)
            {
                left = SizeOf(++fold);
            }

            foldOf[order[i]] = fold;
        }

        return [.. Enumerable.Range(0, NSplits).Select(fold => RowSplit.ByTest(rows, row => foldOf[row] == fold))];

        int SizeOf(int fold) => (rows / NSplits) + (fold < rows % NSplits ? 1 : 0);
    }

    /// <summary>Sets the folds' use of a seed apart from a forest's use of the same one.</summary>
    internal static ulong FoldSeed(ulong seed) => SeededRandom.DeriveSeed(seed, 0x464f_4c44);

    internal static void RequireRows(string algorithm, int splits, int rows)
    {
        if (splits < 2)
        {
            throw new LearningOptionsException(algorithm, [$"NSplits is {splits}, expected at least 2"]);
        }

        if (rows < splits)
        {
            throw new LearningDataException(
                $"{rows} rows can't be cut into {splits} folds: each needs at least one row. Lower NSplits or add " +
                "rows.");
        }
    }
}
