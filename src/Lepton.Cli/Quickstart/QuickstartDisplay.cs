using Spectre.Console;

namespace Lepton.Cli.Quickstart;

/// <summary>Shows on a terminal how far a quickstart is.</summary>
internal static class QuickstartDisplay
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMilliseconds(80);

    /// <summary>A bar for each step, until the run ends, well or not.</summary>
    public static Task ShowAsync(
        IAnsiConsole console, QuickstartOptions options, QuickstartProgress progress, Task run) =>
        console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                List<ProgressTask> bars = [];
                while (!run.IsCompleted)
                {
                    Update(context, bars, options, progress);
                    context.Refresh();
                    await Task.WhenAny(run, Task.Delay(RefreshEvery, TimeProvider.System)).ConfigureAwait(false);
                }

                bars.ForEach(bar => bar.Value = bar.MaxValue);
            });

    private static void Update(
        ProgressContext context, List<ProgressTask> bars, QuickstartOptions options, QuickstartProgress progress)
    {
        (QuickstartPhase phase, double share, string? killed, int retries) = progress.Now;
        for (int step = bars.Count; step <= (int)phase; step++)
        {
            bars.Add(context.AddTask(Words((QuickstartPhase)step, options), maxValue: 1));
        }

        for (int step = 0; step < (int)phase; step++)
        {
            bars[step].Value = 1;
        }

        bars[(int)phase].Value = share;
        bars[(int)phase].IsIndeterminate = phase is QuickstartPhase.Starting or QuickstartPhase.Reporting;
        if (killed is not null)
        {
            bars[(int)QuickstartPhase.Growing].Description =
                Words(QuickstartPhase.Growing, options) + FormattableString.Invariant(
                    $" [red]{killed} killed[/], {retries} retried");
        }
    }

    private static string Words(QuickstartPhase phase, QuickstartOptions options) => phase switch
    {
        QuickstartPhase.Starting => options.Workers == 1 ? "Starting a worker"
            : FormattableString.Invariant($"Starting {options.Workers} workers"),
        QuickstartPhase.Reading => $"Reading {Markup.Escape(Path.GetFileName(options.Data))}",
        QuickstartPhase.Scaling => "Fitting the scaler",
        QuickstartPhase.Growing => "Growing 100 trees",
        QuickstartPhase.Judging => "Judging on five folds",
        _ => "Writing the report",
    };
}
