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

    public override Task CancelAsync(CancellationTokenSource source)
    {
        source.Cancel();
        return Task.CompletedTask;
    }
}
