namespace Lepton.Training.Loop;

/// <summary>Means that are added up over batches and ranks. Each batch adds to the same names in the same
/// order.</summary>
public sealed class MetricSums
{
    private readonly OrderedDictionary<string, (double Total, double Count)> _sums = new(StringComparer.Ordinal);

    internal bool CountsNothing { get; set; }

    /// <summary>Adds to a mean.</summary>
    /// <param name="name">The metric's name, such as <c>accuracy</c>.</param>
    /// <param name="total">The sum over some samples.</param>
    /// <param name="count">How many samples.</param>
    public void Add(string name, double total, double count)
    {
        (double totalBefore, double countBefore) = _sums.GetValueOrDefault(name);
        _sums[name] = CountsNothing ? (totalBefore, countBefore) : (totalBefore + total, countBefore + count);
    }

    /// <summary>The numbers to sum over ranks.</summary>
    internal double[] ToArray() => [.. _sums.Values.SelectMany(static sum => new[] { sum.Total, sum.Count })];

    /// <summary>The means of such numbers.</summary>
    internal OrderedDictionary<string, double> Means(double[] summed)
    {
        var means = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < _sums.Count; i++)
        {
            means.Add(_sums.GetAt(i).Key, summed[2 * i] / summed[(2 * i) + 1]);
        }

        return means;
    }
}
