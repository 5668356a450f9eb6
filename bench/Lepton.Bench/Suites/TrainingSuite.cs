using System.Globalization;
using Lepton.Bench.Running;

namespace Lepton.Bench.Suites;

/// <summary>
/// The rows of <c>bench/run.sh training</c>: libtorch from C# against libtorch from Python, with the same threads,
/// ranks and Gloo.
/// </summary>
internal sealed class TrainingSuite(SuitePaths paths, TrainingPeers peers, bool isQuick) : ISuite
{
    private const int Cores = 2;

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
