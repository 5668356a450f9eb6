using System.Runtime.ExceptionServices;
using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>Ranks that are threads of the test, over Gloo's sockets on loopback.</summary>
internal static class GroupThreads
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(60);

    /// <summary>Runs a function on each rank; throws what the first rank threw.</summary>
    public static void Run(int size, Action<ProcessGroup> body)
    {
        using Store store = Store.InProcess(s_timeMax);
        var thrown = new Exception?[size];
        using var done = new Barrier(size);
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
            thrown[rank] = Record.Exception(() => RunRank(store, rank, size, body, done))))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (Array.Find(thrown, static failure => failure is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    private static void RunRank(Store store, int rank, int size, Action<ProcessGroup> body, Barrier done)
    {
        using var scope = new TensorScope();
        using ProcessGroup group = ProcessGroup.Gloo(
            store, rank, size,
            new ProcessGroupOptions { Timeout = s_timeMax, Host = "127.0.0.1", SharesMemory = false });
        Exception? failure = Record.Exception(() => body(group));

        // A group that goes while others still talk would break their connections.
        done.SignalAndWait(s_timeMax);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
