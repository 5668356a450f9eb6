using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Quickstart;
using Lepton.Compute;
using Spectre.Console;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton quickstart</c>: the main job, on data that come with the program.</summary>
internal static class QuickstartCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "quickstart";

    private const int WorkersMax = 256;

    private const string Examples =
        """
        Examples:
          lepton quickstart
          lepton quickstart --workers 2 --no-kill
          lepton quickstart --json --report out | jq .accuracy
          lepton quickstart --data wine.csv --label cultivar

        --json prints one object: accuracy, cvAccuracy, workers, workersKilled, tasks,
        retries, seconds, secondsToFirstTask, modelSha256, eventLog, report.
        """;

    /// <summary>Makes the command.</summary>
    /// <param name="startedAt">When the program began; not the process, which the launcher may have spent on a
    /// build.</param>
    public static Command Create(DateTimeOffset startedAt)
    {
        var defaults = new QuickstartOptions { StartedAt = default };
        Option<int> workers = Bounded.Number("--workers", "Worker processes,", defaults.Workers, 1, WorkersMax);
        Option<bool> json = new("--json") { Description = "Print one JSON object and nothing else." };
        Option<bool> noKill = new("--no-kill") { Description = "Let all workers live." };
        Option<ulong> seed = Bounded.Seed("--seed", "Decides the split, the forest and the folds.", defaults.Seed);
        Option<string> data = new("--data")
        {
            Description = "A CSV file with a header to learn from; iris otherwise.",
            HelpName = "PATH",
        };
        Option<string> label = new("--label")
        {
            Description = "Its column of classes.",
            DefaultValueFactory = _ => defaults.Label,
            HelpName = "COLUMN",
        };
        Option<string> report = new("--report")
        {
            Description = "Where event log, HTML report and trace are written.",
            HelpName = "FOLDER",
        };
        Option<int> killAfter = Bounded.Number(
            "--kill-after", "Tree tasks that are done when a worker is killed,", defaults.KillAfter, 1, 49);
        killAfter.Hidden = true;
        var command = new Command(
            Name,
            "Trains a random forest on worker processes, and kills one of them on the way.")
        {
            workers, json, noKill, seed, data, label, report, killAfter,
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, cancellation) => RunAsync(
            new QuickstartOptions
            {
                Workers = result.GetValue(workers),
                Kill = !result.GetValue(noKill),
                KillAfter = result.GetValue(killAfter),
                Seed = result.GetValue(seed),
                Data = result.GetValue(data) ?? defaults.Data,
                Label = result.GetValue(label)!,
                ReportFolder = result.GetValue(report),
                StartedAt = startedAt,
            },
            result.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(QuickstartOptions options, bool json, CancellationToken cancellation)
    {
        QuickstartInput.Check(options);
        var progress = new QuickstartProgress();

        // The workers start first; what shows them is loaded while they do.
        Task<QuickstartResult> run =
            Task.Run(() => QuickstartRun.RunAsync(options, progress, cancellation), cancellation);
        if (json)
        {
            QuickstartResult result = await run.ConfigureAwait(false);
            await Console.Out.WriteLineAsync(QuickstartJson.Of(result)).ConfigureAwait(false);
            return ExitCodes.Ok;
        }

        await ShowAsync(run, options, progress).ConfigureAwait(false);
        return ExitCodes.Ok;
    }

    private const int UnbrokenWidth = 1000;

    private static async Task ShowAsync(
        Task<QuickstartResult> run, QuickstartOptions options, QuickstartProgress progress)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Into a file or a pipe go letters only, whatever the environment says of colours.
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!isTerminal)
        {
            // A file has no edge at which lines would have to be broken.
            console.Profile.Width = UnbrokenWidth;
        }

        if (isTerminal && console.Profile.Capabilities.Ansi)
        {
            await QuickstartDisplay.ShowAsync(console, options, progress, run).ConfigureAwait(false);
        }

        QuickstartText.Write(await run.ConfigureAwait(false), console);
    }
}
