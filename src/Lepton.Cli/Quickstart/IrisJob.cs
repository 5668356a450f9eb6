using Lepton.Compute;
using Lepton.Learning;

namespace Lepton.Cli.Quickstart;

/// <summary>
/// The quickstart's job itself: what a user would write. Its result depends on the data and the seed alone.
/// </summary>
internal static class IrisJob
{
    private const double TestShare = 0.2;
    private const int Trees = 100;

    /// <summary>What the job learned.</summary>
    /// <param name="Table">All rows.</param>
    /// <param name="Model">The forest.</param>
    /// <param name="Test">How well it does on rows that it never saw.</param>
    /// <param name="Folds">How well forests like it do on each fold.</param>
    /// <param name="Killed">The worker that was killed; null when none was.</param>
    internal sealed record Learned(
        LabeledTable Table,
        RandomForestModel Model,
        ConfusionMatrix Test,
        IReadOnlyList<ConfusionMatrix> Folds,
        string? Killed);

    /// <summary>Reads, splits, scales, grows and judges.</summary>
    public static async Task<Learned> RunAsync(
        LeptonSession session, QuickstartOptions options, QuickstartProgress progress, CancellationToken cancellation)
    {
        progress.Begin(QuickstartPhase.Reading);
        LabeledTable table = await session.ReadLabeledTableAsync(
            options.Data, options.Label, cancellation: cancellation).ConfigureAwait(false);
        (LabeledTable train, LabeledTable test) = TrainTestSplit.Stratified(table, TestShare, options.Seed).Of(table);
        IReadOnlyList<RowSplit> folds = new StratifiedKFold { Shuffle = true, Seed = options.Seed }.Split(table);

        progress.Begin(QuickstartPhase.Scaling);
        StandardScalerModel scaler = await new StandardScaler()
            .FitAsync(session, train.Features, cancellation).ConfigureAwait(false);

        progress.Begin(QuickstartPhase.Growing);
        var forest = new RandomForestClassifier { NEstimators = Trees, Seed = options.Seed };
        using WorkerKill? kill = options.Kill ? new WorkerKill(session, options.KillAfter, progress.Killed) : null;
        RandomForestModel model = await forest.FitAsync(session, scaler.Transform(train), cancellation)
            .ConfigureAwait(false);
        kill?.Dispose();

        // A forest does not mind the scale of its features, so the folds are judged on the rows as they were read.
        progress.Begin(QuickstartPhase.Judging);
        IReadOnlyList<ConfusionMatrix> judged = await forest
            .CrossValidateAsync(session, table, folds, cancellation).ConfigureAwait(false);
        return new Learned(table, model, model.Evaluate(scaler.Transform(test)), judged, kill?.Victim);
    }
}
