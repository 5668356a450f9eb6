using Lepton.Compute;
using System.Globalization;
using Lepton.Core.Randomness;

namespace Lepton.Learning;

/// <summary>One random split into rows to fit on and rows to judge on. Source: scikit-learn
/// <c>train_test_split</c>.</summary>
public static class TrainTestSplit
{
    /// <summary>What sets this use of a seed apart from others of the same seed.</summary>
    private const ulong SeedPath = 0x5452_5445_5354;

    /// <summary>
    /// Splits so that both parts hold the classes in the table's shares, as near as whole rows allow. The test part has
    /// ⌈rows × <paramref name="testSize"/>⌉ rows.
    /// </summary>
    /// <param name="table">The table; at least two rows of each of its classes that has any.</param>
    /// <param name="testSize">The part to judge on, above 0 and below 1.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <exception cref="LearningDataException">A class has a single row, or a part would have fewer rows than there are
    /// classes.
    /// </exception>
    /// <exception cref="LearningOptionsException">testSize is out of range.</exception>
    public static RowSplit Stratified(LabeledTable table, double testSize, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(table);
        int testRows = TestRows(table.Rows, testSize);
        int[] counts = table.ClassCounts();
        int classes = counts.Count(c => c > 0);
        int lonely = Array.IndexOf(counts, 1);
        if (lonely >= 0)
        {
            throw new LearningDataException(
                $"The class '{table.ClassNames[lonely]}' has one row, but a stratified split needs at least two of " +
                "each class, one to fit on and one to judge on. Add rows of that class, leave it out, or use " +
                "TrainTestSplit.Shuffled.",
                ExitCodes.RareClass);
        }

        if (testRows < classes || table.Rows - testRows < classes)
        {
            throw new LearningDataException(
                $"{table.Rows} rows split into {table.Rows - testRows} to fit on and {testRows} to judge on, but " +
                $"there are {classes} classes and each part needs a row of each. Add rows or move testSize nearer to " +
                "a half.");
        }

        SeededRandom random = new(SeededRandom.DeriveSeed(seed, SeedPath));
        int[] trainLeft = Shares(counts, table.Rows - testRows, random);
        int[] order = ShuffledRows(table.Rows, random);
        bool[] isTest = new bool[table.Rows];
        foreach (int row in order)
        {
            isTest[row] = --trainLeft[table.Labels[row]] < 0;
        }

        return RowSplit.ByTest(table.Rows, row => isTest[row]);
    }

    /// <summary>Splits without a look at the classes. The test part has ⌈rows × <paramref name="testSize"/>⌉
    /// rows.</summary>
    /// <exception cref="LearningDataException">There are fewer than two rows, or none would be left to fit
    /// on.</exception>
    /// <exception cref="LearningOptionsException">testSize is out of range.</exception>
    public static RowSplit Shuffled(int rows, double testSize, ulong seed)
    {
        int testRows = TestRows(rows, testSize);
        int[] order = ShuffledRows(rows, new SeededRandom(SeededRandom.DeriveSeed(seed, SeedPath)));
        bool[] isTest = new bool[rows];
        foreach (int row in order.AsSpan(0, testRows))
        {
            isTest[row] = true;
        }

        return RowSplit.ByTest(rows, row => isTest[row]);
    }

    private static int TestRows(int rows, double testSize)
    {
        if (!(testSize > 0 && testSize < 1))
        {
            throw new LearningOptionsException(
                "TrainTestSplit",
                [string.Create(CultureInfo.InvariantCulture, $"testSize is {testSize}, expected above 0 and below 1")]);
        }

        int testRows = (int)Math.Ceiling(rows * testSize);
        return rows >= 2 && testRows < rows
            ? testRows
            : throw new LearningDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{rows} rows with testSize {testSize} leave {Math.Max(0, rows - testRows)} to fit on, but each part " +
                $"needs at least one row. Add rows or choose a smaller testSize."));
    }

    /// <summary>
    /// Deals out <paramref name="total"/> rows by the classes' shares: whole parts first, the rest to the largest
    /// remainders, and among equal ones by chance. Each class that is there gets one at least, and leaves one.
    /// </summary>
    private static int[] Shares(int[] counts, int total, SeededRandom random)
    {
        long rows = counts.Sum(c => (long)c);
        int[] shares = [.. counts.Select(c => (int)((long)c * total / rows))];
        int[] classes = [.. Enumerable.Range(0, counts.Length)];
        random.Shuffle(classes.AsSpan());
        IEnumerable<int> byRemainder = classes.OrderByDescending(c => (long)counts[c] * total % rows);
        foreach (int label in byRemainder.Take(total - shares.Sum()))
        {
            shares[label]++;
        }

        foreach (int label in classes.Where(label => counts[label] > 0))
        {
            // A class of few rows may have got none, or all of them; the largest class makes up for it.
            while (shares[label] == 0)
            {
                shares[label]++;
                shares[classes.MaxBy(other => shares[other])]--;
            }

            while (shares[label] == counts[label])
            {
                shares[label]--;
                shares[classes.MaxBy(other => counts[other] - shares[other])]++;
            }
        }

        return shares;
    }

    private static int[] ShuffledRows(int rows, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        random.Shuffle(order.AsSpan());
        return order;
    }
}
