using Lepton.Core.Balancing;

namespace Lepton.Compute.Scheduling;

/// <summary>How tasks are retried, doubled and ended. Resolved from the session's options.</summary>
internal sealed record DispatchOptions
{
    /// <summary>Retries after input or output errors and lost outputs.</summary>
    public int RetriesMax { get; init; } = 4;

    /// <summary>Retries after exceptions of user code.</summary>
    public int UserRetriesMax { get; init; }

    /// <summary>Workers that a task may take down with it before it is blamed.</summary>
    public int WorkerKillsMax { get; init; } = 3;

    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Null for none.</summary>
    public TimeSpan? TaskDeadline { get; init; }

    /// <summary>How long a cancelled task may go on before its worker is ended.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(1);

    public bool Speculate { get; init; } = true;

    /// <summary>A task is doubled when it has run this many times longer than the median of its stage.</summary>
    public double SpeculateFactor { get; init; } = 2;

    /// <summary>No task is doubled before it has run this long.</summary>
    public TimeSpan SpeculateAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A worker that was not heard of for this long may stand still (stopped, or out of memory): what it runs is
    /// doubled, and nothing is asked back of it.
    /// </summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromSeconds(3);

    public ulong Seed { get; init; }

    /// <summary>Chooses among the executors that have room.</summary>
    public Func<IBalancingPolicy> Balancing { get; init; } = static () => new LeastOutstandingPolicy();
}
