using System.Globalization;
using Lepton.Bench.Running;
using Lepton.Bench.Sides;

namespace Lepton.Bench.Suites;

/// <summary>
/// The rows of <c>bench/run.sh training</c>: libtorch from C# against libtorch from Python, with the same threads,
/// ranks and Gloo.
/// </summary>
internal sealed class TrainingSuite(SuitePaths paths, TrainingPeers peers, bool isQuick) : ISuite
{
    private const int Cores = 2;

    // 100 Mbit/s in bytes.
    private const int LinkRate = 12_500_000;

    public string PeerVersions => peers.Version ?? "no PyTorch";

    public IReadOnlyList<Work> Works() =>
    [
        Steps("mlp", 2, batch: 128, steps: 300, aim: 1.15),
        Steps("cnn", 1, batch: 64, steps: 100, aim: 1.1),
        Steps("cnn", 2, batch: 64, steps: 100, aim: 1.1),
        Steps("gpt", 1, batch: 16, steps: 60, aim: 1.1),
        Steps("gpt", 2, batch: 16, steps: 60, aim: 1.1),
        Operators(),
        .. from ranks in (int[])[2, 4]
           from size in ((string, long, int)[])[("4K", 4 << 10, 2000), ("4M", 4 << 20, 100), ("100M", 100_000_000, 12)]
           select AllReduce(ranks, size.Item1, size.Item2, size.Item3),
        Compressed("top-k", "top-k of 1 %"),
        Compressed("power-sgd", "PowerSGD of rank 4"),
        RankKill(),
        Checkpoints(),
    ];

    private Work Steps(string model, int ranks, int batch, int steps, double aim)
    {
        string[] arguments =
        [
            "--model", model, "--ranks", Text(ranks), "--threads", Text(Cores / ranks), "--batch", Text(batch),
            "--steps", Text(isQuick ? 5 : steps), "--warm-up", Text(isQuick ? 5 : steps / 5),
        ];
        string what = model == "gpt" ? "tokens" : "samples";
        string places = ranks == 1 ? "1 rank of 2 threads" : $"{ranks} ranks of a thread";
        return new Work(
            $"{model}{ranks}", $"{Describe(model)}, batch {batch} a rank, {places}, against Python", what + "/s",
            Ours(["steps", .. arguments]))
        {
            Peers = [Python(["torch_steps.py", .. arguments])],
            MoreIsBetter = true,
            AtLeast = 1,
            Aim = aim,
        };
    }

    private Work Operators()
    {
        string[] arguments = ["--operators", "1000", "--size", "64"];
        return new Work(
            "operators", "a chain of 1,000 operators on 64 numbers, with backward, against Python", "µs/operator",
            Ours(["operators", .. arguments]))
        {
            Peers = [Python(["torch_operators.py", .. arguments])],
            AtLeast = 1.5,
            Aim = 3,
        };
    }

    private Work AllReduce(int ranks, string size, long bytes, int runs)
    {
        string[] arguments =
            ["--ranks", Text(ranks), "--bytes", Text(bytes), "--runs", Text(isQuick ? 2 : runs)];
        return new Work(
            $"allreduce{ranks}-{size}", $"all-reduce of {size}B on {ranks} ranks, against Python", "ms",
            Ours(["allreduce", .. arguments]))
        {
            Peers = [Python(["torch_allreduce.py", .. arguments])],
            AtLeast = 1,
            Aim = 1.2,
        };
    }

    private Work Compressed(string compression, string title)
    {
        string[] arguments =
        [
            "steps", "--model", "mlp", "--ranks", "2", "--threads", "1", "--batch", "128", "--rate", Text(LinkRate),
            "--steps", Text(isQuick ? 2 : 20), "--warm-up", "5",
        ];
        return new Work(
            compression, $"a step of the MLP, 2 ranks over 100 Mbit/s: {title} against all gradients, both ours", "ms",
            Ours([.. arguments, "--compression", compression]))
        {
            Peers = [Ours(arguments)],
            AtLeast = 3,
            Aim = 8,
        };
    }

    private Work RankKill() => new(
        "rankkill", "SIGKILL of one of 2 ranks to the end of the first step that they do again, median", "s",
        Ours(["rankkill", "--kills", Text(isQuick ? 1 : 5)]))
    {
        Limit = 10,
        AtLeast = 1,
        Aim = 2,
        Also =
        [
            new Figure(RankKillSide.Slowest, "the slowest of them", "s") { AtLeast = 1, Aim = 2, IsWorst = true },
        ],
    };

    private Work Checkpoints()
    {
        string[] arguments =
        [
            "fit", "--ranks", "2", "--threads", "1", "--batch", "128", "--steps", Text(isQuick ? 10 : 400),
            "--warm-up", Text(isQuick ? 2 : 60),
        ];
        return new Work(
            "checkpoints", "a step of the MLP, 2 ranks: a checkpoint every 50 steps against none, both ours", "ms",
            Ours([.. arguments, "--checkpoint-every", "50"]))
        {
            Peers = [Ours(arguments)],
            AtLeast = Math.Round(1 / 1.05, 2),
            Aim = Math.Round(1 / 1.02, 2),
        };
    }

    private static string Describe(string model) => model switch
    {
        "mlp" => "MLP 784-1024-1024-10, SGD",
        "cnn" => "CNN for digits, Adam",
        _ => "GPT of 4 layers × 128, AdamW",
    };

    private static Side Ours(string[] words) => new(new Command(
        Environment.ProcessPath!, [typeof(TrainingSuite).Assembly.Location, .. words]));

    private Side Python(string[] words) => new(new Command(
        peers.Python, [Path.Combine(paths.Repository, "bench", "peers", words[0]), .. words[1..]]))
    {
        Missing = peers.Missing,
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
