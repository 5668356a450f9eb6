using System.Globalization;
using Lepton.Compute;
using Lepton.Compute.Events;
using Lepton.Learning;

namespace Lepton.Cli.Quickstart;

/// <summary>Runs the job in a session of its own and writes the report.</summary>
internal static class QuickstartRun
{
    private static readonly string[] s_species = ["setosa", "versicolor", "virginica"];

    /// <summary>Runs it to the end; the workers are gone and the files are written when it returns.</summary>
    public static async Task<QuickstartResult> RunAsync(
        QuickstartOptions options, QuickstartProgress progress, CancellationToken cancellation)
    {
        ReportFiles files = ReportFiles.In(options.ReportFolder, options.StartedAt);
        IrisJob.Learned learned;
        SessionStatistics statistics;
        IReadOnlyList<string> classNames;
        LeptonSession session = await LeptonSession.LocalAsync(
            options.Workers,
            options.Threads,
            new LeptonSessionOptions
            {
                Program = "quickstart",
                Seed = options.Seed,
                EventLogPath = files.EventLog,
                Progress = progress,
            },
            cancellation).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            learned = await IrisJob.RunAsync(session, options, progress, cancellation).ConfigureAwait(false);
            statistics = session.Statistics;
            classNames = ClassNames(options, learned.Table);
            Publish(session, learned, classNames);
        }

        double seconds = (TimeProvider.System.GetUtcNow() - options.StartedAt).TotalSeconds;
        progress.Begin(QuickstartPhase.Reporting);
        files.Write();
        return new QuickstartResult
        {
            Data = options.Data,
            Shape = learned.Table.Features.ToString(),
            ClassNames = classNames,
            Test = learned.Test,
            Folds = learned.Folds,
            Model = learned.Model,
            Statistics = statistics,
            Workers = options.Workers,
            Killed = learned.Killed,
            Seconds = seconds,
            SecondsToFirstTask = ((statistics.FirstTaskStarted ?? options.StartedAt) - options.StartedAt).TotalSeconds,
            Files = files,
        };
    }

    /// <summary>The file of iris numbers its species; people know them by name.</summary>
    private static IReadOnlyList<string> ClassNames(QuickstartOptions options, LabeledTable table) =>
        options.IsBundled && table.ClassNames.Count == s_species.Length ? s_species : table.ClassNames;

    private static void Publish(LeptonSession session, IrisJob.Learned learned, IReadOnlyList<string> classNames)
    {
        ConfusionMatrix matrix = learned.Test;
        double cv = learned.Folds.Average(fold => fold.Accuracy);
        session.Publish("Results", new ValuesContent(
        [
            new NamedFact("Test accuracy", Percent(matrix.Accuracy), Headline: true),
            new NamedFact("Five-fold accuracy", Percent(cv), Headline: true),
            new NamedFact("Rows judged on", Count(matrix.Total)),
            new NamedFact("Trees", Count(learned.Model.Trees.Count)),
            new NamedFact("Model SHA-256", learned.Model.Sha256),
        ]));
        session.Publish("Confusion matrix", new MatrixContent(
            "actual", "predicted", classNames, classNames,
            [.. classNames.Select((_, actual) => classNames
                .Select((_, predicted) => (double)matrix[actual, predicted]).ToArray())]));
        session.Publish("Feature importances", new BarsContent(
            [.. learned.Model.FeatureNames.Zip(
                learned.Model.FeatureImportances, (name, value) => new NamedNumber(name, value))
                .OrderByDescending(bar => bar.Value)]));
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
