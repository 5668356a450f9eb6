using System.Runtime.ExceptionServices;
using Lepton.Compute.Replay;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Session;

/// <summary>Ends jobs that fail. Used by the scheduler's thread alone.</summary>
internal sealed class JobEnding(SessionJournal journal, Func<TimeSpan> now)
{
    /// <summary>Keeps failed tasks; null where nothing is kept.</summary>
    public ReplayRecorder? Replays { get; set; }

    /// <summary>A task has failed for good, and its job with it.</summary>
    public void Fail(ActionRun action, DispatchEffect effect)
    {
        if (action.HasEnded)
        {
            return;
        }

        (Exception error, string stack, TaskFailure where) = FailureException.Of(action.Name, effect);
        End(action, error);
        if (Replays is null)
        {
            Answer(null);
            return;
        }

        // The caller waits, so that it does not release what the task read before that is copied.
        Replays.Record(ReplayCapture.Of(action, effect, error), Answer);

        void Answer(string? replay)
        {
            TaskFailure failure = where with { Replay = replay };
            failure.AttachTo(error);
            if (stack.Length > 0)
            {
                // Whoever prints the exception sees which task it was, and how to run it again.
                string again = replay is null ? "" : $". To run it again: {replay}";
                ExceptionDispatchInfo.SetRemoteStackTrace(error, $"{stack}\n   in {failure}{again}");
            }

            action.Waiter?.TrySetException(error);
        }
    }

    /// <summary>A job fails for a reason of its own.</summary>
    public void Fail(ActionRun action, Exception error)
    {
        if (!action.HasEnded)
        {
            End(action, error);
            action.Waiter?.TrySetException(error);
        }
    }

    /// <summary>
    /// Runs the caller's code on the scheduler's thread: what it throws ends its job, not all of them.
    /// </summary>
    public void Tell<TListener, TNews>(
        ActionRun action, TNews news, TListener listener, Action<TListener, ActionRun, TNews> tell)
    {
        try
        {
            tell(listener, action, news);
        }
        catch (Exception e)
        {
            Fail(action, e);
        }
    }

    private void End(ActionRun action, Exception error)
    {
        action.HasEnded = true;
        action.Error = error;
        action.Stages.Withdraw(now());
        journal.JobFinished(
            action.Name, false, now() - action.StartedAt, $"{error.GetType().Name}: {error.Message}");
    }
}
