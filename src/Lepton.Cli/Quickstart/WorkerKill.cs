using Lepton.Compute;

namespace Lepton.Cli.Quickstart;

/// <summary>
/// Ends one worker with SIGKILL while a job runs, once so many tasks of one of its stages are done: the one with the
/// most tasks in hand, so that something is lost every time. Dispose it when the job is done.
/// </summary>
internal sealed class WorkerKill : IDisposable
{
    private const string Reason = "on purpose, by the quickstart";
    private readonly LeptonSession _session;
    private readonly int _afterTasks;
    private readonly Action<string> _killed;
    private string? _victim;

    /// <summary>Waits for its moment.</summary>
    /// <param name="session">The session.</param>
    /// <param name="afterTasks">Tasks of a stage that are done by then; a smaller stage is left alone.</param>
    /// <param name="killed">Gets the worker's name, on the scheduler's thread.</param>
    public WorkerKill(LeptonSession session, int afterTasks, Action<string> killed)
    {
        _session = session;
        _afterTasks = afterTasks;
        _killed = killed;
        session.TaskFinished += Consider;
    }

    /// <summary>The worker that was killed; null while none was.</summary>
    public string? Victim => Volatile.Read(ref _victim);

    /// <inheritdoc/>
    public void Dispose() => _session.TaskFinished -= Consider;

    private void Consider(TaskReport report)
    {
        // A task of the stage is not done yet, so the worker with the most in hand has one of them.
        if (_victim is null && report.StageDone >= _afterTasks && report.StageDone < report.StageTasks
            && _session.KillWorkerFromHandler(reason: Reason) is { } name)
        {
            Volatile.Write(ref _victim, name);
            _killed(name);
        }
    }
}
