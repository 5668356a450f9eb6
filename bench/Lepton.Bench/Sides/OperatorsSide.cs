using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Sides;

/// <summary>A chain of small operators and its backward: what an operator costs beside its arithmetic.</summary>
internal static class OperatorsSide
{
    private const int OperatorsOfRound = 4;
    private const int Runs = 60;
    private const int WarmUps = 30;

    public static Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("operators", "size");
        long count = arguments.Number("operators");
        TorchLibrary.Threads = 1;
        Tensor x = Ones([arguments.Number("size")]);
        x.RequiresGrad = true;
        Tensor w = Full([arguments.Number("size")], 1.0001);
        List<double> times = [];
        double sum = 0;
        long begun = Stopwatch.GetTimestamp();
        for (int run = 0; run < WarmUps + Runs; run++)
        {
            long started = Stopwatch.GetTimestamp();
            using var scope = new TensorScope();
            Tensor y = x;
            for (long i = 0; i < count / OperatorsOfRound; i++)
            {
                y = ((y * w) + x).Tanh() - w;
            }

            Tensor total = y.Sum();
            total.Backward();
            x.Grad = null;
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / count);
            sum = total.ToDouble();
        }

        new SideReport(
            Stopwatch.GetElapsedTime(begun).TotalSeconds, Percentile.Of([.. times.Skip(WarmUps)], 50),
            FormattableString.Invariant($"sum {sum:0.00}")).Print();
        return Task.CompletedTask;
    }
}
