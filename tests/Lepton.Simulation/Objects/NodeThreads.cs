using Lepton.Storage;

namespace Lepton.Simulation.Objects;

/// <summary>
/// Work beside other work, in one thread: each piece takes its turn, a little later. A completed completion has whoever
/// waits for it go on at once.
/// </summary>
/// <param name="life">The process.</param>
/// <param name="delayUs">How much later.</param>
internal sealed class NodeThreads(NodeLife life, Func<long> delayUs) : WorkThreads
{
    public override async Task RunAsync(Func<Task> work)
    {
        await YieldAsync();
        await work();
    }

    public override Task YieldAsync()
    {
        TaskCompletionSource turn = new();
        life.After(delayUs(), turn.SetResult);
        return turn.Task;
    }

    public override TaskCompletionSource NewCompletion() => new();

    public override async Task DelayAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        TaskCompletionSource over = new();
        using ITimer timer = clock.CreateTimer(_ => over.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
        await WaitAsync(over.Task, cancellationToken);
    }

    public override async Task WaitAsync(Task work, CancellationToken cancellationToken)
    {
        // What .NET offers for this has whoever waits go on in the pool when it is cancelled.
        TaskCompletionSource gone = new();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ => gone.TrySetCanceled(cancellationToken), null);
        await await Task.WhenAny(work, gone.Task);
    }

    public override Task CancelAsync(CancellationTokenSource source)
    {
        source.Cancel();
        return Task.CompletedTask;
    }
}
