using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Bench.Training;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Sides;

/// <summary>The sum of a tensor over ranks, again and again: the median of its times.</summary>
internal static class AllReduceSide
{
    private const int WarmUps = 5;

    public static Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("ranks", "bytes", "runs");
        return RankRun.RunAsync(
            (int)arguments.Number("ranks"), ["allreduce", .. arguments.Words], () => Work(arguments));
    }

    private static void Work(Arguments arguments)
    {
        TorchLibrary.Threads = 1;
        using RankContext ranks = RankContext.Join();
        Tensor x = Ones([arguments.Number("bytes") / sizeof(float)]);
        List<double> times = [];
        double first = 0;
        long begun = Stopwatch.GetTimestamp();
        for (long run = 0; run < WarmUps + arguments.Number("runs"); run++)
        {
            x.FillInPlace(1);
            long started = Stopwatch.GetTimestamp();
            using (Work sum = ranks.Group!.AllReduce(x))
            {
                sum.Wait();
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            using var scope = new TensorScope();
            first = x.Mean().ToDouble();
        }

        if (ranks.Rank == 0)
        {
            new SideReport(
                Stopwatch.GetElapsedTime(begun).TotalSeconds, Percentile.Of([.. times.Skip(WarmUps)], 50),
                FormattableString.Invariant($"{first:0}")).Print();
        }
    }
}
