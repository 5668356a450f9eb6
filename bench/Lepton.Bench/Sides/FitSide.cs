using System.Diagnostics;
using Lepton.Bench.Training;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Sides;

/// <summary>Training with a trainer and its run directory, with checkpoints or without: milliseconds a step.</summary>
internal static class FitSide
{
    public static Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("ranks", "threads", "batch", "steps", "warm-up", "checkpoint-every");
        return RankRun.RunAsync(
            (int)arguments.Number("ranks", 1), ["fit", .. arguments.Words], () => Work(arguments));
    }

    private static void Work(Arguments arguments)
    {
        TorchLibrary.Threads = (int)arguments.Number("threads", 1);
        using RankContext ranks = RankContext.Join();
        int batch = (int)arguments.Number("batch") * ranks.Size;
        long firstCounted = arguments.Number("warm-up") + 1;
        long end = firstCounted + arguments.Number("steps");
        int every = (int)arguments.Number("checkpoint-every", 0);
        string folder = RunFolder();
        ManualSeed(1);
        (Module<Tensor, Tensor> model, Func<Module, Optimizer> optimizerOf, Func<int, Tensor[]> batchOf) =
            Models.Of("mlp");
        using Optimizer optimizer = optimizerOf(model);
        Tensor[] data = batchOf(checked(batch * (int)end));
        long step = 0;
        long started = 0;
        TimeSpan time = default;
        using var trainer = new Trainer(
            ranks, model, optimizer,
            samples =>
            {
                step++;
                started = step == firstCounted ? Stopwatch.GetTimestamp() : started;
                time = step == end ? Stopwatch.GetElapsedTime(started) : time;
                return LossFunctions.CrossEntropy(model.Forward(samples[0]), samples[1]);
            },
            new TrainerOptions
            {
                BatchSize = batch, StepsMax = end, RunDirectory = folder, CheckpointEverySteps = every,
                ShowsProgress = false,
            });
        trainer.Fit(new TensorDataset(data));
        if (ranks.Rank == 0)
        {
            new SideReport(time.TotalSeconds, time.TotalMilliseconds / (end - firstCounted), "").Print();
        }

        if (ranks.LocalRank == 0)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The same on all ranks, which the launcher started.
    private static string RunFolder() => Path.Combine(
        Path.GetTempPath(),
        FormattableString.Invariant($"lepton-bench-{Environment.GetEnvironmentVariable("MASTER_PORT") ?? "alone"}"));
}
