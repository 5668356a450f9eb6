using System.Globalization;

namespace Lepton.Compute.Scheduling;

/// <summary>
/// Gives a task that runs much longer than its stage's others a twin on another worker; the first result wins (the
/// "backup tasks" of MapReduce, §3.6).
/// </summary>
internal static class Speculation
{
    private const double DoneShareMin = 0.5;

    public static void Consider(DispatchCore core, DispatchOptions options, TimeSpan now)
    {
        List<(TaskCopy Copy, double LimitMs)>? slow = null;
        foreach (WorkerView worker in core.Workers)
        {
            foreach (TaskCopy copy in worker.Outstanding)
            {
                if (copy.ElapsedMs >= options.SpeculateAfter.TotalMilliseconds
                    && copy.CancelledAt is null
                    && copy.Task.Copies.Count == 1
                    && copy.Task.PinnedWorker < 0
                    && !copy.Task.IsExclusive
                    && copy.Task.Stage is { InputsReady: true, DoneShare: >= DoneShareMin })
                {
                    double limitMs = copy.Task.Stage.MedianTaskMs() * options.SpeculateFactor;
                    if (copy.ElapsedMs > limitMs)
                    {
                        (slow ??= []).Add((copy, limitMs));
                    }
                }
            }
        }

        foreach ((TaskCopy copy, double limitMs) in slow ?? [])
        {
            WorkerView? free = core.Workers.FirstOrDefault(
                worker => worker != copy.Worker && worker.IsIdle);
            if (free is null)
            {
                return;
            }

            core.Twin(copy.Task, free, Reason(copy, limitMs), now);
        }
    }

    private static string Reason(TaskCopy copy, double limitMs) => string.Create(
        CultureInfo.InvariantCulture,
        $"its first copy has run for {copy.ElapsedMs:N0} ms on {copy.Worker.Name}; the others of its stage let " +
            $"expect {limitMs:N0} ms at most");
}
