using Lepton.Core.Randomness;

namespace Lepton.Learning;

/// <summary>
/// Cuts the rows into parts of nearly equal size that hold the classes in the table's shares; each is judged on once
/// while the others are fitted on. Source: scikit-learn <c>StratifiedKFold</c>, whose allocation of classes to parts
/// this is.
/// </summary>
public sealed record StratifiedKFold
{
    /// <summary>Number of parts; at least 2. Default: 5.</summary>
    public int NSplits { get; init; } = 5;

    /// <summary>Whether the rows of each class are shuffled first. Default: false.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Decides the shuffle. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The splits of a table.</summary>
    /// <exception cref="LearningDataException">There are fewer rows than parts, or every class has fewer.</exception>
    /// <exception cref="LearningOptionsException"><see cref="NSplits"/> is below 2.</exception>
    public IReadOnlyList<RowSplit> Split(LabeledTable table)
    {
        SeededRandom? random = Shuffle ? new SeededRandom(KFold.FoldSeed(Seed)) : null;
        return Split(table, folds => random?.Shuffle(folds));
    }

    /// <summary>As <see cref="Split(LabeledTable)"/>, with the shuffle of each class's fold numbers told from
    /// outside.</summary>
    internal IReadOnlyList<RowSplit> Split(LabeledTable table, FoldShuffle shuffle)
    {
        ArgumentNullException.ThrowIfNull(table);
        KFold.RequireRows("StratifiedKFold", NSplits, table.Rows);
        int[] counts = table.ClassCounts();
        if (counts.Max() < NSplits)
        {
            int largest = Array.IndexOf(counts, counts.Max());
            throw new LearningDataException(
                $"Every class has fewer rows than the {NSplits} folds (the largest, '{table.ClassNames[largest]}', " +
                $"has {counts[largest]}), so no fold can hold all classes. Lower NSplits or add rows.");
        }

        int[] foldOf = new int[table.Rows];
        int dealt = 0;
        foreach (int label in ByFirstRow(table.Labels, counts.Length))
        {
            // The rows, sorted by class, are dealt to the folds in turn; each class goes on where the one before
            // stopped.
            int[] folds = new int[counts[label]];
            int filled = 0;
            for (int fold = 0; fold < NSplits; fold++)
            {
                int share = Turns(dealt + folds.Length, fold) - Turns(dealt, fold);
                folds.AsSpan(filled, share).Fill(fold);
                filled += share;
            }

            shuffle(folds);
            dealt += folds.Length;
            for (int row = 0, next = 0; row < foldOf.Length; row++)
            {
                if (table.Labels[row] == label)
                {
                    foldOf[row] = folds[next++];
                }
            }
        }

        return [.. Enumerable.Range(0, NSplits)
            .Select(fold => RowSplit.ByTest(foldOf.Length, row => foldOf[row] == fold))];
    }

    /// <summary>How many of the first so many rows go to a fold when they are dealt in turn.</summary>
    private int Turns(int rows, int fold) => (rows - fold + NSplits - 1) / NSplits;

    /// <summary>The classes that have rows, by the first row of each.</summary>
    private static List<int> ByFirstRow(ReadOnlySpan<int> labels, int classes)
    {
        bool[] seen = new bool[classes];
        List<int> order = [];
        foreach (int label in labels)
        {
            if (!seen[label])
            {
                seen[label] = true;
                order.Add(label);
            }
        }

        return order;
    }

    internal delegate void FoldShuffle(Span<int> folds);
}
