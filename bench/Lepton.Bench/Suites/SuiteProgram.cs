using System.Runtime.InteropServices;

namespace Lepton.Bench.Suites;

/// <summary>The verb <c>suite</c>, which bench/run.sh calls.</summary>
internal static class SuiteProgram
{
    private const double LoadMax = 1;

    /// <summary>Measures and prints.</summary>
    /// <returns>False when a row went wrong: a side failed, or the results differ.</returns>
    public static async Task<bool> RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("name", "repository", "quick", "json", "only", "save");
        bool isQuick = arguments.Has("quick");
        bool asJson = arguments.Has("json");
        if (isQuick && arguments.Has("save"))
        {
            throw new ArgumentException("--quick only shows that all rows run; its figures are not worth saving.");
        }

        string name = arguments.Text("name");
        var paths = new SuitePaths(Path.GetFullPath(arguments.Text("repository")));
        ISuite suite = name switch
        {
            "compute" => new ComputeSuite(paths, Peers.Find(), isQuick),
            "coordination" => new CoordinationSuite(paths, CoordinationPeers.Find(), isQuick),
            "training" => new TrainingSuite(paths, TrainingPeers.Find(), isQuick),
            "objects" => new ObjectSuite(paths, ObjectPeers.Find(), isQuick),
            _ => throw new ArgumentException(
                $"There is no suite '{name}'. There are: compute, coordination, training, objects."),
        };
        IReadOnlyList<Work> works = suite.Works();
        IReadOnlyList<string> names = [.. works.SelectMany(work => work.RowNames)];
        works = Chosen(works, arguments);
        if (Machine.LoadAverage() is > LoadMax and var load)
        {
            await Console.Error.WriteLineAsync(FormattableString.Invariant(
                $"The machine is busy (load average {load:0.0}): figures taken now say little."));
        }

        using var interrupted = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        List<Row> rows = [];
        try
        {
            var runner = new SuiteRunner(paths.Work, isQuick, interrupted.Token);
            await MeasureAsync(runner, works, rows, asJson);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return false;
        }

        IReadOnlyList<string> machine = Machine.Describe(suite.PeerVersions);
        if (!asJson)
        {
            Console.WriteLine(string.Join('\n', machine.Select(line => "- " + line)));
            Console.WriteLine();
            Console.WriteLine(Table.Render(rows));
        }

        if (arguments.Has("save"))
        {
            new SavedResults(paths.Results, name).Save(machine, rows, names);
        }

        return rows.All(row => !row.HasFailed);

        void Cancel(PosixSignalContext signal)
        {
            // What runs is ended first, and takes its files along.
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }

    private static async Task MeasureAsync(SuiteRunner runner, IReadOnlyList<Work> works, List<Row> rows, bool asJson)
    {
        foreach (Work work in works)
        {
            foreach (Row row in await runner.RunAsync(work))
            {
                rows.Add(row);
                if (asJson)
                {
                    Console.WriteLine(row.ToJson());
                }
            }
        }
    }

    private static IReadOnlyList<Work> Chosen(IReadOnlyList<Work> works, Arguments arguments)
    {
        if (!arguments.Has("only"))
        {
            return works;
        }

        string[] wanted = arguments.Text("only").Split(',');
        string names = string.Join(", ", works.Select(work => work.Name));
        return wanted.FirstOrDefault(name => works.All(work => work.Name != name)) is { } unknown
            ? throw new ArgumentException($"There is no row '{unknown}'. There are: {names}.")
            : [.. works.Where(work => wanted.Contains(work.Name, StringComparer.Ordinal))];
    }
}
