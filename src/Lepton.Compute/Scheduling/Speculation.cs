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
                    && copy.Task.Stage.DoneShare >= DoneShareMin)
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
                worker => worker != copy.Worker && worker.Outstanding.Count < worker.Slots);
            if (free is null)
            {
                return;
            }

            core.Twin(copy.Task, free, $"ran {copy.ElapsedMs:N0} ms, twice the median is {limitMs:N0} ms", now);
        }
    }
}
