namespace Lepton.Compute.Scheduling;

/// <summary>When a worker has nothing to do, the fullest queue gives back half of what it has not started.</summary>
internal static class Stealing
{
    private const double QueuedMsMin = 5;

    public static void Consider(DispatchCore core, DispatchOptions options, TimeSpan now)
    {
        bool anyIdle = false;
        WorkerView? victim = null;
        int mostQueued = 0;
        foreach (WorkerView worker in core.Workers)
        {
            if (worker.IsClosed || worker.IsSilent(options, now))
            {
                continue;
            }

            anyIdle |= worker.IsIdle;
            int queued = worker.Outstanding.Count - worker.Slots;
            if (queued > mostQueued)
            {
                mostQueued = queued;
                victim = worker;
            }
        }

        // A few microseconds of queued work are done before they could be moved.
        if (!anyIdle || victim is null || (victim.TaskMsMean >= 0 && victim.TaskMsMean * mostQueued < QueuedMsMin))
        {
            return;
        }

        int wanted = (mostQueued + 1) / 2;
        for (LinkedListNode<TaskCopy>? node = victim.Outstanding.Last; node is not null
            && wanted > 0; node = node.Previous)
        {
            TaskCopy copy = node.Value;
            if (copy.IsRevoking)
            {
                return;
            }

            if (copy.CancelledAt is null && copy.ElapsedMs < 0 && !copy.IsSpeculative && copy.Task.PinnedWorker < 0)
            {
                copy.IsRevoking = true;
                wanted--;
                core.Effects.Add(new DispatchEffect(
                    DispatchEffectKind.Revoke, copy.Task, copy, "stolen for an idle worker", default, null));
            }
        }
    }
}
