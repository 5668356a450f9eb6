namespace Lepton.Storage;

/// <summary>
/// How work goes on beside the thread that asks for it: on the thread pool. A simulation, where all has to happen in
/// one thread and in an order that follows from a seed, puts another in its place. Thread safe.
/// </summary>
internal class WorkThreads
{
    /// <summary>The thread pool.</summary>
    public static WorkThreads Pool { get; } = new();

    /// <summary>Has something done by another thread.</summary>
    /// <returns>Ends when it is done.</returns>
    public virtual Task RunAsync(Func<Task> work) => Task.Run(work);

    /// <summary>Whoever awaits this goes on in another thread.</summary>
    public virtual async Task YieldAsync() => await Task.Yield();

    /// <summary>Something to wait for; who waits goes on in another thread than the one that completes it.</summary>
    public virtual TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends after a time, or when it is cancelled; who waits goes on in another thread.</summary>
    public virtual Task DelayAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken) =>
        Task.Delay(time, clock, cancellationToken);

    /// <summary>Waits for some work for as long as that is not cancelled; who waits goes on in another
    /// thread.</summary>
    public virtual Task WaitAsync(Task work, CancellationToken cancellationToken) => work.WaitAsync(cancellationToken);

    /// <summary>Cancels something; who is told of it runs in another thread.</summary>
    /// <returns>Ends when all are told.</returns>
    public virtual Task CancelAsync(CancellationTokenSource source) => source.CancelAsync();
}
