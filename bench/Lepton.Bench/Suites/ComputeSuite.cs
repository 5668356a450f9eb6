using System.Globalization;
using System.Text.Json;
using Lepton.Bench.Data;
using Lepton.Bench.Running;

namespace Lepton.Bench.Suites;

/// <summary>The rows of <c>bench/run.sh compute</c>: the main job's engine against its peers.</summary>
internal sealed class ComputeSuite : ISuite
{
    private const int MiB = 1 << 20;
    private const int Workers = 2;
    private const double FirstTaskSecondsMax = 1.5;
    private readonly SuitePaths _paths;
    private readonly Peers _peers;
    private readonly Inputs _inputs;
    private readonly bool _isQuick;

    public ComputeSuite(SuitePaths paths, Peers peers, bool isQuick)
    {
        _paths = paths;
        _peers = peers;
        _isQuick = isQuick;
        _inputs = new Inputs(paths.Data, paths.Repository);
    }

    public string PeerVersions => _peers.Versions;

    public IReadOnlyList<Work> Works() =>
    [
        Noop(), WordCount(), WordCountAtOnce(), WordLoop(), Sort(), Group(), BudgetSort(), BudgetGroup(), Quickstart(),
    ];

    private Work Noop()
    {
        string milliseconds = _isQuick ? "500" : "3000";
        return new Work(
            "noop", "no-op tasks, 2 worker processes, against Dask distributed", "tasks/s",
            Ours("noop", "--seconds-min", milliseconds))
        {
            Peers = [Dask("noop.py", "--seconds-min", milliseconds)],
            MoreIsBetter = true,
            AtLeast = 20,
            Aim = 100,
        };
    }

    private Work WordCount()
    {
        string file = BibleBytes(out long bytes);
        return new Work(
            "wordcount", $"word count of {bytes / 1_000_000} MB of text, 2 workers, against a Dask bag", "s",
            Ours("wordcount", "--file", file))
        {
            Peers =
            [
                Dask("wordcount.py", "--file", file, "--scheduler", "distributed") with { Way = "distributed workers" },
                Dask("wordcount.py", "--file", file, "--scheduler", "processes") with { Way = "a pool of processes" },
            ],
            AtLeast = 10,
            Input = () => _inputs.Bible(bytes),
        };
    }

    private Work WordCountAtOnce()
    {
        string file = BibleBytes(out long bytes);
        return new Work(
            "wordcount-at-once", "the same, begun as soon as the session and the peer's workers are there", "s",
            Ours("wordcount", "--file", file, "--idle-ms", "0"))
        {
            Peers =
            [
                Dask("wordcount.py", "--file", file, "--scheduler", "processes", "--idle", "0")
                    with { Way = "a pool of processes" },
            ],
            Input = () => _inputs.Bible(bytes),
        };
    }

    private Work WordLoop()
    {
        string file = BibleBytes(out long bytes);
        return new Work(
            "wordcount-loop", $"the same {bytes / 1_000_000} MB, against a hand-written C# loop of 2 threads", "s",
            Ours("wordcount", "--file", file))
        {
            Peers = [new Side(Bench("wordloop", "--file", file))],
            Aim = Math.Round(1 / 1.3, 2),
            Input = () => _inputs.Bible(bytes),
        };
    }

    private Work Sort()
    {
        (long records, long budgetMiB) = _isQuick ? (1_000_000, 128) : (5_000_000, 512);
        string sorted = Path.Combine(_paths.Work, "sorted.txt");
        string file = _inputs.RecordsPath(records);
        string[] arguments =
        [
            "--stable", "--key=1.1,1." + Text(Inputs.KeyBytes), "--parallel=" + Text(Workers),
            $"--buffer-size={budgetMiB}M", "--temporary-directory=" + _paths.Work, "--output=" + sorted, file,
        ];
        var command = new Command("sort", arguments)
        {
            Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" },
        };
        return new Work(
            "sort", $"sort {records / 1e6:0.#} million 100-byte records in {budgetMiB} MB, against GNU sort", "s",
            OursSort(records, ["--budget-mib", Text(budgetMiB / Workers)]))
        {
            Peers =
            [
                new Side(command)
                {
                    Missing = _peers.SortMissing,
                    Read = static run => run.Wall.TotalSeconds,
                    Check = () => SortedOutput.Check([sorted]),
                },
            ],
            AtLeast = 1,
            Aim = 2,
            Input = () => _inputs.Records(records),
        };
    }

    private Work Group()
    {
        (long rows, long keys) = _isQuick ? (2_000_000, 100_000) : (20_000_000, 1_000_000);
        string[] arguments = ["--rows", Text(rows), "--keys", Text(keys), "--partitions", "16"];
        return new Work(
            "group", $"sum {rows / 1_000_000} million rows by {keys:#,0} keys, against a Dask dataframe", "s",
            Ours(["group", .. arguments]))
        {
            Peers =
            [
                Dask(["group.py", .. arguments, "--split-out", "1"]) with { Way = "split_out=1" },
                Dask(["group.py", .. arguments, "--split-out", "2"]) with { Way = "split_out=2" },
            ],
            AtLeast = 2,
            Aim = 10,
        };
    }

    private Work BudgetSort()
    {
        (int workers, string[] budget, string times, long dataBytes) = Budget();
        long records = dataBytes / Inputs.RecordBytes;
        string[] arguments = ["--workers", Text(workers)];
        return new Work(
            "budget-sort",
            $"sort of {times} times the memory budget ({dataBytes / MiB} MiB), against itself in memory",
            "s",
            OursSort(records, [.. arguments, .. budget]))
        {
            Peers = [OursSort(records, arguments)],
            AtLeast = 0.25,
            Aim = 0.5,
            Input = () => _inputs.Records(records),
        };
    }

    private Work BudgetGroup()
    {
        (int workers, string[] budget, string times, long dataBytes) = Budget();
        string rows = Text(dataBytes / 16);

        // As many keys as rows: most groups are of one row, so that combining before the shuffle saves nothing.
        string[] arguments = ["--rows", rows, "--keys", rows, "--partitions", "32", "--workers", Text(workers)];
        return new Work(
            "budget-group",
            $"groups of {times} times the memory budget ({dataBytes / MiB} MiB of rows), against itself in memory",
            "s",
            Ours(["group", .. arguments, .. budget]))
        {
            Peers = [Ours(["group", .. arguments])],
            AtLeast = 0.25,
            Aim = 0.5,
        };
    }

    private Work Quickstart() =>
        new("quickstart", "./lepton quickstart, already built, to its first task, against a limit", "s",
            new Side(new Command(Path.Combine(_paths.Repository, "lepton"), ["quickstart", "--json"]))
            {
                Read = FirstTaskSeconds,
            })
        {
            Limit = FirstTaskSecondsMax,
            AtLeast = 1,
            Rounds = 5,
            WarmUps = 1,
        };

    /// <summary>From the start of the process to that of the first task, as the event log has it.</summary>
    private static double FirstTaskSeconds(ProcessRun run)
    {
        int start = run.Output.IndexOf('{', StringComparison.Ordinal);
        if (start < 0)
        {
            throw new FailedRunException("the quickstart printed no JSON");
        }

        using JsonDocument report = JsonDocument.Parse(run.Output[start..]);
        DateTimeOffset first = File.ReadLines(report.RootElement.GetProperty("eventLog").GetString()!)
            .Where(static line => line.Contains("\"TaskFinished\"", StringComparison.Ordinal))
            .Min(static line =>
            {
                using JsonDocument task = JsonDocument.Parse(line);
                return task.RootElement.GetProperty("start").GetDateTimeOffset();
            });
        return (first - run.StartedAt).TotalSeconds;
    }

    private (int Workers, string[] Budget, string Times, long DataBytes) Budget()
    {
        // 64 MiB is the least that a worker takes.
        const int budgetMiB = 64;
        (int workers, int times) = _isQuick ? (1, 2) : (Workers, 4);
        return (workers, ["--budget-mib", Text(budgetMiB)], Text(times), (long)times * budgetMiB * MiB * workers);
    }

    private string BibleBytes(out long bytes)
    {
        bytes = _isQuick ? 20_000_000 : 200_000_000;
        return _inputs.BiblePath(bytes);
    }

    private Side OursSort(long records, string[] more)
    {
        string output = Path.Combine(_paths.Work, "sorted");
        return Ours(["sort", "--file", _inputs.RecordsPath(records), "--out", output, .. more]) with
        {
            Check = () => SortedOutput.Check(Directory.EnumerateFiles(output, "part-*").Order(StringComparer.Ordinal)),
        };
    }

    private Side Ours(params string[] words) => new(Bench([.. words, "--work-directory", _paths.Work]));

    private static Command Bench(params string[] words) =>
        new(Environment.ProcessPath!, [typeof(ComputeSuite).Assembly.Location, .. words]);

    private Side Dask(string script, params string[] words) => Dask([script, .. words]);

    private Side Dask(string[] words) =>
        new(new Command(
            _peers.Python,
            [
                Path.Combine(_paths.Repository, "bench", "peers", words[0]), .. words[1..],
                "--work-directory", _paths.Work,
            ]))
        {
            Missing = _peers.DaskMissing,
        };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
