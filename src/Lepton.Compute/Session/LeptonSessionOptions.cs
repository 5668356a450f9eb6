using Lepton.Compute.Session;
using Lepton.Core.Balancing;

namespace Lepton.Compute;

/// <summary>How a session runs its jobs. Checked when the session starts; all that is wrong is reported
/// together.</summary>
public sealed record LeptonSessionOptions
{
    /// <summary>What the event log and the report call the program; null for the name of its assembly.</summary>
    public string? Program { get; init; }

    /// <summary>
    /// The seed of whatever the engine does at random (back-off jitter). Results never depend on it: operators that
    /// draw take a seed of their own.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Bytes of managed memory that each worker process may hold, 64 MiB or more. Operators spill to disk at a share
    /// of it; a task that still goes past it fails and says so. With threads of this process operators spill in the
    /// same way, but nothing ends a task that holds more: the memory is the program's own. Default: 60 % of the
    /// machine's memory, divided by the workers.
    /// </summary>
    public long? MemoryPerWorkerBytes { get; init; }

    /// <summary>Retries of a task after input or output errors. 0 to 100; default 4.</summary>
    public int RetriesMax { get; init; } = 4;

    /// <summary>Retries of a task whose user code threw. Default 0: such an error fails the job at once.</summary>
    public int UserRetriesMax { get; init; }

    /// <summary>Worker processes that one task may take down with it before the job fails and names it. Default
    /// 3.</summary>
    public int WorkerKillsMax { get; init; } = 3;

    /// <summary>
    /// The longest time that one attempt at a task may run; null for no limit. Counted by its worker; where that is not
    /// heard of for three seconds, by the driver, unless a twin runs elsewhere.
    /// </summary>
    public TimeSpan? TaskDeadline { get; init; }

    /// <summary>
    /// How long a cancelled task may go on before its worker process is ended; ten times as long where its twin was
    /// faster. Default 1 s.
    /// </summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A worker that sends no sign of life for this long is ended and replaced. Default 30 s, at least 2
    /// s.</summary>
    public TimeSpan WorkerSilenceMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives a task that runs much longer than the others of its stage a twin on another worker. Default
    /// on.</summary>
    public bool Speculate { get; init; } = true;

    /// <summary>No task is doubled before it has run this long. Default 1 s.</summary>
    public TimeSpan SpeculateAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Where the event log is written; null for a file of its own in <c>lepton-logs-USER</c> in the system's temporary
    /// directory, whose path <see cref="LeptonSession.EventLogPath"/> tells. An empty string switches it off.
    /// </summary>
    public string? EventLogPath { get; init; }

    /// <summary>
    /// How much the session keeps of a task at which a job failed, so that <c>lepton replay</c> can run it again: its
    /// functions with what they captured, and its input, in a file beside the event log that only its user may read.
    /// Bytes a task, for at most 10 tasks; 0 keeps nothing. Default 256 MiB.
    /// </summary>
    public long ReplayBytesMax { get; init; } = 256L << 20;

    /// <summary>Where the session keeps shuffles, spills and cached blocks; null for the system's temporary
    /// directory.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>
    /// Told how a job proceeds: at most ten times a second while it runs, and once more when its result is whole.
    /// </summary>
    public IProgress<JobProgress>? Progress { get; init; }

    /// <summary>
    /// Reads shuffle outputs over HTTP from the worker that wrote them even where the file could be opened, as
    /// between machines.
    /// </summary>
    public bool ShuffleOverHttp { get; init; }

    /// <summary>
    /// Makes the session's policy for choosing among the workers that have room for a task; a task whose cached block
    /// lies on a worker goes there first. Default: <see cref="LeastOutstandingPolicy"/>, which suits tasks of any
    /// length. Results don't depend on it.
    /// </summary>
    public Func<IBalancingPolicy> Balancing { get; init; } = static () => new LeastOutstandingPolicy();

    /// <summary>The clock; another one only in tests.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Checks all bounds.</summary>
    /// <exception cref="ArgumentException">Names every option that is out of its bounds.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        Check(MemoryPerWorkerBytes is null or >= WorkerMemory.BytesMin, "MemoryPerWorkerBytes", MemoryPerWorkerBytes,
            "64 MiB or more");
        Check(RetriesMax is >= 0 and <= 100, "RetriesMax", RetriesMax, "0 to 100");
        Check(UserRetriesMax is >= 0 and <= 100, "UserRetriesMax", UserRetriesMax, "0 to 100");
        Check(WorkerKillsMax is >= 1 and <= 100, "WorkerKillsMax", WorkerKillsMax, "1 to 100");
        Check(TaskDeadline is null || TaskDeadline > TimeSpan.Zero, "TaskDeadline", TaskDeadline,
            "more than zero, or null");
        Check(CancelGrace > TimeSpan.Zero, "CancelGrace", CancelGrace, "more than zero");
        Check(WorkerSilenceMax >= TimeSpan.FromSeconds(2), "WorkerSilenceMax", WorkerSilenceMax, "2 s or more");
        Check(ReplayBytesMax >= 0, "ReplayBytesMax", ReplayBytesMax, "0 or more");
        Check(SpeculateAfter > TimeSpan.Zero, "SpeculateAfter", SpeculateAfter, "more than zero");
        Check(Balancing is not null, "Balancing", "null", "a function that makes a policy");
        Check(Time is not null, "Time", "null", "a clock");
        if (errors.Count > 0)
        {
            throw new ArgumentException("The session's options are out of bounds: " + string.Join("; ", errors) + ".");
        }

        void Check(bool ok, string name, object? value, string expected)
        {
            if (!ok)
            {
                errors.Add($"{name} is {value}, expected {expected}");
            }
        }
    }
}
