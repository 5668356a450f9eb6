namespace Lepton.Training.Loop;

/// <summary>Decides when a metric has got no better for long enough. Pure.</summary>
internal sealed class EarlyStopping(EarlyStoppingOptions options)
{
    /// <summary>The best value so far; null before the first.</summary>
    public double? Best { get; private set; }

    /// <summary>Epochs since.</summary>
    public int EpochsSince { get; private set; }

    public bool IsOver => EpochsSince >= options.PatienceEpochs;

    /// <summary>Goes back to what a checkpoint holds.</summary>
    public void Restore(double? best, int epochsSince) => (Best, EpochsSince) = (best, epochsSince);

    /// <summary>Takes an epoch's metrics in.</summary>
    /// <exception cref="ArgumentException">The metric is not among them.</exception>
    public void Observe(IReadOnlyDictionary<string, double> metrics)
    {
        if (!metrics.TryGetValue(options.Metric, out double value))
        {
            throw new ArgumentException(
                $"Early stopping watches '{options.Metric}', but the validation gives " +
                $"{(metrics.Count == 0 ? "nothing" : string.Join(", ", metrics.Keys))}. Name one of those.");
        }

        bool isBetter = Best is not { } best || (options.IsHigherBetter ? value > best : value < best);
        (Best, EpochsSince) = isBetter ? (value, 0) : (Best, EpochsSince + 1);
    }
}
