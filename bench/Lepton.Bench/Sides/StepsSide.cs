using System.Diagnostics;
using System.Globalization;
using Lepton.Bench.Training;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Parallelism;
using Lepton.Training.Parallelism.Compression;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Sides;

/// <summary>
/// Steps of training on batches that lie ready: samples, or a language model's tokens, a second; milliseconds a step
/// where ranks are held to a rate of bytes.
/// </summary>
internal static class StepsSide
{
    private const int Batches = 8;
    private const int CheckedStep = 5;
    private const string SendRateVariable = "LEPTON_SEND_BYTES_PER_SECOND_MAX";

    public static Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("model", "ranks", "threads", "batch", "steps", "warm-up", "compression", "rate");
        if (arguments.Has("rate"))
        {
            // Ranks have it from here.
            Environment.SetEnvironmentVariable(SendRateVariable, arguments.Text("rate"));
        }

        int ranks = (int)arguments.Number("ranks", 1);
        return RankRun.RunAsync(ranks, ["steps", .. arguments.Words], () => Work(arguments));
    }

    private static void Work(Arguments arguments)
    {
        TorchLibrary.Threads = (int)arguments.Number("threads", 1);
        int size = (int)arguments.Number("batch");
        using RankContext ranks = RankContext.Join();
        ManualSeed(1);
        (Module<Tensor, Tensor> model, Func<Module, Optimizer> optimizerOf, Func<int, Tensor[]> batchOf) =
            Models.Of(arguments.Text("model"));
        using Optimizer optimizer = optimizerOf(model);
        using IParallelism parallelism =
            ranks.Group is { } group ? new DistributedDataParallel(group) : new SingleProcess();
        if (CompressionOf(arguments.Text("compression", "none")) is { } compression)
        {
            parallelism.Compress(compression);
        }

        parallelism.Attach(model);
        ManualSeed(100 + (ulong)ranks.Rank);
        Tensor[][] batches = [.. Enumerable.Range(0, Batches).Select(_ => batchOf(size))];
        double loss = double.NaN;
        int warmUp = (int)arguments.Number("warm-up");
        for (int step = 1; step <= warmUp; step++)
        {
            double last = Step(step);
            loss = step == CheckedStep ? last : loss;
        }

        parallelism.Sum([0], "start");
        int steps = (int)arguments.Number("steps");
        long started = Stopwatch.GetTimestamp();
        for (int step = 1; step <= steps; step++)
        {
            Step(step);
        }

        parallelism.Sum([0], "end");
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (ranks.Rank == 0)
        {
            double rows = (double)steps * ranks.Size * batches[0][1].Size(0);
            string check = string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.00} at step {CheckedStep}");
            (arguments.Has("rate")
                ? new SideReport(seconds, seconds * 1000 / steps, "", check)
                : new SideReport(seconds, rows / seconds, check)).Print();
        }

        double Step(int step)
        {
            Tensor[] batch = batches[step % Batches];
            double value = double.NaN;
            using var scope = new TensorScope();
            parallelism.ForwardBackward(1, _ =>
            {
                Tensor loss = LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]);
                value = loss.ToDouble();
                return loss;
            });
            parallelism.Step(optimizer, clipNorm: null);
            return value;
        }
    }

    private static GradientCompression? CompressionOf(string name) => name switch
    {
        "none" => null,
        "top-k" => new TopKCompression { Fraction = 0.01 },
        "power-sgd" => new PowerSgdCompression(),
        _ => throw new ArgumentException($"There is no compression '{name}'. There are: none, top-k, power-sgd."),
    };
}
