using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>A task that a slot is running. Thread safe.</summary>
[SuppressMessage("Design", "CA1001", Justification =
    "The source holds no timer and no handle, and a cancellation may come after the task's end.")]
internal sealed class RunningCopy(TaskCopyMessage task)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _cancellation = new();
    private long _cancelledAt;

    public TaskCopyMessage Task { get; } = task;

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Set when the task was cancelled because of the worker's memory.</summary>
    public string? MemoryReason { get; private set; }

    /// <summary>Whether the driver no longer wants it.</summary>
    public bool IsCancelledByDriver => MemoryReason is null && Cancellation.IsCancellationRequested;

    /// <summary>Whether other tasks ran beside it when the memory was used up.</summary>
    public bool SharedMemory { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>How long ago it was cancelled; zero where it was not.</summary>
    public TimeSpan CancelledFor =>
        Interlocked.Read(ref _cancelledAt) is var at and > 0 ? Stopwatch.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Cancels the task. What user code hangs onto the token runs elsewhere, and later.</summary>
    public void Cancel()
    {
        Interlocked.CompareExchange(ref _cancelledAt, Stopwatch.GetTimestamp(), 0);
        _ = CancelAsync();
    }

    /// <summary>Cancels the task because its worker's memory is used up.</summary>
    public void CancelFor(string memoryReason, bool shared)
    {
        (MemoryReason, SharedMemory) = (memoryReason, shared);
        Cancel();
    }

    private async Task CancelAsync()
    {
        try
        {
            await _cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException)
        {
            // A user's callback threw. The task's own end says how it took the cancellation.
            return;
        }
    }
}
