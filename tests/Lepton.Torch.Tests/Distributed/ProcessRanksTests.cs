using System.Diagnostics;
using System.Globalization;
using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>Ranks that are processes, which meet at a store over TCP.</summary>
public sealed class ProcessRanksTests : TorchTest
{
    private const string Variable = "LEPTON_TEST_RANK";

    [Theory]
    [InlineData(2, nameof(Inside_Rank_ReducesAndAverages))]
    [InlineData(4, nameof(Inside_Rank_ReducesAndAverages))]
    [InlineData(2, nameof(Inside_Rank_PeerDies_IsToldSoon))]
    public void Processes_OverTcp_DoTheirPart(int size, string inside)
    {
        using Store store = Store.Tcp("127.0.0.1", 0, isServer: true, timeout: TimeSpan.FromSeconds(60));
        Process[] ranks = [.. Enumerable.Range(0, size).Select(rank => Start(rank, size, store.Port, inside))];
        foreach (Process process in ranks)
        {
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
            process.Dispose();
        }
    }

    /// <summary>Run by the test above, in a process for each rank.</summary>
    [Fact(Explicit = true)]
    public void Inside_Rank_ReducesAndAverages()
    {
        using Store store = Join(out int rank, out int size);
        using ProcessGroup group = ProcessGroup.Gloo(store, rank, size, Ranks.Options);
        Tensor x = Torch.Full([1_000_000], rank + 1);
        group.AllReduce(x).Wait();
        Assert.Equal(size * (size + 1) / 2, x[^1].ToInt64());

        Tensor weight = Torch.Ones([100, 100]);
        weight.RequiresGrad = true;
        using (Reducer reducer = Reducer.Create([weight], group))
        {
            reducer.BeforeForward();
            Tensor loss = weight.Sum() * (rank + 1);
            reducer.BeforeBackward(loss);
            loss.Backward();
        }

        Assert.Equal((size + 1) / 2.0, weight.Grad!.Mean().ToDouble(), 1e-5);
        group.Barrier().Wait();
    }

    /// <summary>Run by the test above: the last rank dies, and the others hear of it at once.</summary>
    [Fact(Explicit = true)]
    public void Inside_Rank_PeerDies_IsToldSoon()
    {
        using Store store = Join(out int rank, out int size);
        ProcessGroup group = ProcessGroup.Gloo(store, rank, size, Ranks.Options);
        group.Barrier().Wait();
        if (rank == size - 1)
        {
            // As a kill would: no connection is closed in an orderly way.
            Environment.Exit(0);
        }

        Stopwatch watch = Stopwatch.StartNew();
        var e = Assert.Throws<CollectiveException>(() => group.AllReduce(Torch.Ones([1000])).Wait());
        Assert.Equal(CollectiveFault.Disconnected, e.Fault);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}: {e.Message}");
    }

    private static Store Join(out int rank, out int size)
    {
        string? told = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(told is null, "Run by another test.");
        int[] numbers = [.. told.Split(' ').Select(static text => int.Parse(text, CultureInfo.InvariantCulture))];
        (rank, size) = (numbers[0], numbers[1]);
        return Store.Tcp("127.0.0.1", numbers[2], isServer: false, timeout: TimeSpan.FromSeconds(60));
    }

    private static Process Start(int rank, int size, int port, string inside)
    {
        var info = new ProcessStartInfo(
            "dotnet",
            [
                typeof(ProcessRanksTests).Assembly.Location, "-noColor", "-noLogo", "-explicit", "only", "-method",
                $"{typeof(ProcessRanksTests).FullName}.{inside}",
            ])
        {
            RedirectStandardOutput = true,
        };
        info.Environment[Variable] = string.Create(CultureInfo.InvariantCulture, $"{rank} {size} {port}");
        return Process.Start(info)!;
    }
}
