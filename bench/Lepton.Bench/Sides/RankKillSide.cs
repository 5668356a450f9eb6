using System.Diagnostics;
using System.Globalization;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Bench.Training;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Launch;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Sides;

/// <summary>
/// Kills one of the ranks, again and again: the time from the kill to the end of the first step that ranks do then.
/// </summary>
internal static class RankKillSide
{
    /// <summary>The second figure: the longest time.</summary>
    public const string Slowest = "slowest";

    private const int Batch = 128;
    private const int KilledAtStep = 50;
    private const int Samples = Batch * 8;

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("ranks", "kills");
        if (Environment.GetEnvironmentVariable("RANK") is not null)
        {
            Work();
            return;
        }

        int ranks = (int)arguments.Number("ranks", 2);
        List<double> times = [];
        for (long i = 0; i < arguments.Number("kills"); i++)
        {
            times.Add((await KillAsync(ranks, victim: (int)(i % ranks))).TotalSeconds);
        }

        new SideReport(times.Sum(), Percentile.Of(times, 50), "")
        {
            Figures = new Dictionary<string, double> { [Slowest] = times.Max() },
        }.Print();
    }

    private static async Task<TimeSpan> KillAsync(int ranks, int victim)
    {
        using var done = new CancellationTokenSource();
        long killed = 0;
        TimeSpan time = default;
        var lines = new List<string>();
        var launcher = new RankLauncher(
            new LaunchOptions
            {
                Command = ["dotnet", "exec", typeof(RankKillSide).Assembly.Location, "rankkill"],
                ProcessesPerNode = ranks,
                RestartsMax = 1,
            },
            (line, _) =>
            {
                lock (lines)
                {
                    lines.Add(line);
                    if (Told.Parse(line) is not { } told)
                    {
                        return;
                    }

                    if (killed == 0 && told is { Rank: var rank, Step: > KilledAtStep } && rank == victim)
                    {
                        killed = Stopwatch.GetTimestamp();
                        using Process process = Process.GetProcessById(told.ProcessId);
                        process.Kill();
                    }
                    else if (time == default && told is { Restarts: 1, Step: 2 })
                    {
                        time = Stopwatch.GetElapsedTime(killed);
                        done.Cancel();
                    }
                }
            });
        await launcher.RunAsync(done.Token);
        return time != default ? time : throw new FailedRunException(string.Join(Environment.NewLine, lines));
    }

    private static void Work()
    {
        TorchLibrary.Threads = 1;
        using RankContext ranks = RankContext.Join();
        ManualSeed(1);
        (Module<Tensor, Tensor> model, Func<Module, Optimizer> optimizerOf, Func<int, Tensor[]> batchOf) =
            Models.Of("mlp");
        using Optimizer optimizer = optimizerOf(model);
        int step = 0;
        using var trainer = new Trainer(
            ranks, model, optimizer,
            samples =>
            {
                Console.WriteLine(new Told(ranks.Rank, ranks.RestartCount, ++step, Environment.ProcessId));
                return LossFunctions.CrossEntropy(model.Forward(samples[0]), samples[1]);
            },
            new TrainerOptions { BatchSize = Batch * ranks.Size, Epochs = 10_000, ShowsProgress = false });
        trainer.Fit(new TensorDataset(batchOf(Samples)));
    }

    /// <summary>What a rank says as it begins a step, counted from the start of its process.</summary>
    private readonly record struct Told(int Rank, int Restarts, int Step, int ProcessId)
    {
        private const string Mark = "begins";

        public static Told? Parse(string line)
        {
            string[] words = line.Split(' ');
            int at = Array.IndexOf(words, Mark);
            return at < 0
                ? null
                : new Told(Number(1), Number(2), Number(3), Number(4));

            int Number(int place) => int.Parse(words[at + place], CultureInfo.InvariantCulture);
        }

        public override string ToString() =>
            FormattableString.Invariant($"{Mark} {Rank} {Restarts} {Step} {ProcessId}");
    }
}
