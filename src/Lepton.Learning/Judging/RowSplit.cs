namespace Lepton.Learning;

/// <summary>The rows to fit on and the rows to judge on, by number, ascending; no row is in both.</summary>
public sealed class RowSplit
{
    private readonly int[] _train;
    private readonly int[] _test;

    internal RowSplit(int[] train, int[] test)
    {
        _train = train;
        _test = test;
    }

    /// <summary>The rows to fit on.</summary>
    public ReadOnlySpan<int> Train => _train;

    /// <summary>The rows to judge on.</summary>
    public ReadOnlySpan<int> Test => _test;

    /// <summary>Copies both parts of a table.</summary>
    public (LabeledTable Train, LabeledTable Test) Of(LabeledTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return (table.SelectRows(_train), table.SelectRows(_test));
    }

    /// <summary>Splits by whether a row is for judging.</summary>
    internal static RowSplit ByTest(int rows, Func<int, bool> isTest)
    {
        ILookup<bool, int> parts = Enumerable.Range(0, rows).ToLookup(isTest);
        return new RowSplit([.. parts[false]], [.. parts[true]]);
    }
}
