using Lepton.Compute;

namespace Lepton.Cli.Quickstart;

/// <summary>How far a quickstart is: written by it and by its session, read by whoever shows it. Thread safe.</summary>
internal sealed class QuickstartProgress : IProgress<JobProgress>
{
    private readonly Lock _lock = new();
    private QuickstartPhase _phase;
    private double _share;
    private string? _killed;
    private int _retries;

    /// <summary>
    /// The step, the part of it that is done (0 to 1), the worker that was killed, and the tasks repeated so far.
    /// </summary>
    public (QuickstartPhase Phase, double Share, string? Killed, int Retries) Now
    {
        get
        {
            lock (_lock)
            {
                return (_phase, _share, _killed, _retries);
            }
        }
    }

    /// <summary>A step begins.</summary>
    public void Begin(QuickstartPhase phase)
    {
        lock (_lock)
        {
            _phase = phase;
            _share = 0;
        }
    }

    /// <summary>A worker was killed.</summary>
    public void Killed(string worker)
    {
        lock (_lock)
        {
            _killed = worker;
        }
    }

    /// <inheritdoc/>
    public void Report(JobProgress value)
    {
        lock (_lock)
        {
            _share = value.TasksTotal == 0 ? 0 : (double)value.TasksDone / value.TasksTotal;
            _retries = value.Retries;
        }
    }
}
