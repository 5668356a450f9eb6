using System.Runtime.ExceptionServices;
using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>Ranks that are threads of the test, over Gloo on loopback.</summary>
internal static class Ranks
{
    public static readonly ProcessGroupOptions Options =
        new() { Timeout = TimeSpan.FromSeconds(60), Host = "127.0.0.1" };

    /// <summary>Skips the running test, with the reason, where Gloo was built without float16.</summary>
    public static void RequireHalves()
    {
        string? refusal = null;
        Run(1, group => refusal = Record.Exception(
            () => group.AllReduce(Torch.Ones([1], DType.Float16)).Wait())?.Message);
        Assert.SkipWhen(refusal is not null, $"This Gloo has no float16: {refusal}");
    }

    /// <summary>Runs a function on each rank, each with a scope of its own; throws what the first rank threw.</summary>
    public static void Run(int size, Action<ProcessGroup> body, ProcessGroupOptions? options = null)
    {
        using Store store = Store.InProcess(TimeSpan.FromSeconds(60));
        Run(size, _ => store, body, options);
    }

    /// <summary>As above, each rank with the store that it is given.</summary>
    public static void Run(
        int size, Func<int, Store> storeOf, Action<ProcessGroup> body, ProcessGroupOptions? options = null)
    {
        var thrown = new Exception?[size];
        using var done = new Barrier(size);
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() => thrown[rank] =
            Record.Exception(() =>
            {
                using var scope = new TensorScope();
                using ProcessGroup group = ProcessGroup.Gloo(storeOf(rank), rank, size, options ?? Options);
                Exception? failure = Record.Exception(() => body(group));

                // A group that goes while others still talk would break their connections.
                done.SignalAndWait(TimeSpan.FromSeconds(60));
                if (failure is not null)
                {
                    ExceptionDispatchInfo.Throw(failure);
                }
            })))];
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
}
