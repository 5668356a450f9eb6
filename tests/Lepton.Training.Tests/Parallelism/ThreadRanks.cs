using System.Runtime.ExceptionServices;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Parallelism;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>An axis whose ranks are threads of the test, over Gloo on loopback.</summary>
internal static class ThreadRanks
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(60);

    /// <summary>Runs a function on each rank, in a scope of its own; throws what the first rank threw.</summary>
    public static void Run(int size, Action<MeshAxis> body, string name = "tensor")
    {
        using Store store = Store.InProcess(s_timeMax);
        var thrown = new Exception?[size];
        using var done = new Barrier(size);
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
            thrown[rank] = Record.Exception(() => RunOne(name, rank, size, store, done, body))))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        if (Array.Find(thrown, static failure => failure is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    private static void RunOne(
        string name, int rank, int size, Store store, Barrier done, Action<MeshAxis> body)
    {
        using var scope = new TensorScope();
        using MeshAxis axis = MeshAxis.Over(
            name,
            ProcessGroup.Gloo(
                store, rank, size, new ProcessGroupOptions { Timeout = s_timeMax, Host = "127.0.0.1" }));
        Exception? failure = Record.Exception(() => body(axis));

        // A group that goes while others still talk would break their connections.
        done.SignalAndWait(s_timeMax);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
