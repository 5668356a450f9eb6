using System.Globalization;

namespace Lepton.Compute.Scheduling;

/// <summary>
/// Gives a task that runs much longer than its stage's others, or whose worker is not heard of, a twin on another
/// worker; the first result wins (the "backup tasks" of MapReduce, §3.6).
/// </summary>
internal static class Speculation
{
    private const double DoneShareMin = 0.5;

    public static void Consider(DispatchCore core, DispatchOptions options, TimeSpan now)
    {
        List<(TaskCopy Copy, string Reason)>? slow = null;
        foreach (WorkerView worker in core.Workers)
        {
            foreach (TaskCopy copy in worker.Outstanding)
            {
                if (MayHaveTwin(copy, options, now) && WhyTwin(copy, options, now) is { } reason)
                {
                    (slow ??= []).Add((copy, reason));
                }
            }
        }

        foreach ((TaskCopy copy, string reason) in slow ?? [])
        {
            // A silent worker may hold thousands of tiny tasks that it never began: their twins are sent ahead, as
            // tasks are.
            bool isSilent = copy.Worker.IsSilent(options, now);
            WorkerView? free = core.Workers.FirstOrDefault(worker => worker != copy.Worker
                && worker.HasRoomFor(copy.Task, options, now)
                && (isSilent || worker.IsIdle));
            if (free is not null)
            {
                core.Twin(copy.Task, free, reason, now);
            }
        }
    }

    private static bool MayHaveTwin(TaskCopy copy, DispatchOptions options, TimeSpan now) => copy.CancelledAt is null
        && copy.Task.Copies.Count == 1
        && (copy.Task.PinnedWorker < 0 || (copy.Worker.IsSilent(options, now) && !copy.Task.Stage.NeedsCaches))
        && !copy.Task.IsExclusive
        && copy.Task.Stage.InputsReady;

    private static string? WhyTwin(TaskCopy copy, DispatchOptions options, TimeSpan now)
    {
        if (copy.Worker.IsSilent(options, now))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{copy.Worker.Name}, which has its first copy, was not heard of for " +
                    $"{(now - copy.Worker.HeardAt).TotalMilliseconds:N0} ms");
        }

        if (copy.ElapsedMs < options.SpeculateAfter.TotalMilliseconds || copy.Task.Stage.DoneShare < DoneShareMin)
        {
            return null;
        }

        double limitMs = copy.Task.Stage.MedianTaskMs() * options.SpeculateFactor;
        return copy.ElapsedMs <= limitMs
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"its first copy has run for {copy.ElapsedMs:N0} ms on {copy.Worker.Name}; the others of its stage " +
                    $"let expect {limitMs:N0} ms at most");
    }
}
