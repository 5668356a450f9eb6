using System.Diagnostics;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>A task that a slot is running.</summary>
internal sealed class RunningCopy(TaskCopyMessage task) : IDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public TaskCopyMessage Task { get; } = task;

    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>Set when the task was cancelled because of its memory.</summary>
    public string? MemoryReason { get; set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public void Dispose() => Cancellation.Dispose();
}
