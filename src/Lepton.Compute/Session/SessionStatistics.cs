using System.Globalization;
using Lepton.Compute.Execution;

namespace Lepton.Compute;

/// <summary>What a session has done so far.</summary>
/// <param name="Tasks">Tasks finished with success.</param>
/// <param name="Retries">Why attempts were repeated, one line each, in order; the first thousand.</param>
/// <param name="RetryCount">Attempts that were repeated.</param>
/// <param name="WorkersLost">Workers that died or were killed.</param>
/// <param name="TasksByWorker">
/// Tasks finished, by worker, in the order in which the workers were started. Those that are gone are included, and
/// those that have finished none.
/// </param>
/// <param name="FirstTaskStarted">When the first task began to run; null before.</param>
/// <param name="WorkerMemoryPeakBytes">The highest resident size of any worker, in bytes.</param>
/// <param name="SpilledBytes">Bytes that operators wrote to disk because memory was short.</param>
/// <param name="RowsSkipped">Malformed rows that readers left out.</param>
public sealed record SessionStatistics(
    long Tasks,
    IReadOnlyList<string> Retries,
    long RetryCount,
    int WorkersLost,
    IReadOnlyDictionary<string, long> TasksByWorker,
    DateTimeOffset? FirstTaskStarted,
    long WorkerMemoryPeakBytes,
    long SpilledBytes,
    long RowsSkipped)
{
    /// <summary>The figures in a line, for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Tasks:N0} tasks ({string.Join(", ", TasksByWorker.Select(static of => $"{of.Key} {of.Value:N0}"))}), " +
            $"{Count(RetryCount, "retry", "retries")}, {Count(WorkersLost, "worker", "workers")} lost, " +
            $"{Count(RowsSkipped, "row", "rows")} skipped, " +
            $"{ByteText.Of(SpilledBytes)} spilled, {ByteText.Of(WorkerMemoryPeakBytes)} at most in a worker");

    private static string Count(long number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many)}");
}
