using Lepton.Objects;
using Lepton.Training.Parallelism.Compression;

namespace Lepton.Training.Loop;

/// <summary>How a <see cref="Trainer"/> trains. Checked when it is made, all faults at once.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes over the data, 1 or more.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Samples of a step, all ranks taken together, 1 or more; not fewer than ranks.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Parts that each rank's batch is computed in, one after the other, to need less memory; 1 or
    /// more.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>Decides the order of samples and all random draws of the steps.</summary>
    public ulong Seed { get; init; }

    /// <summary>Batches that may be read ahead, 1 or more.</summary>
    public int PrefetchBatches { get; init; } = 2;

    /// <summary>
    /// What forward computes in; float32 by default. Parameters, gradients and the optimizer are float32 in any case.
    /// </summary>
    public TrainingPrecision Precision { get; init; }

    /// <summary>The norm that gradients are scaled down to, above 0; null: not at all.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>
    /// How gradients are made small before ranks exchange them, for slow links; null: not at all. What it sends, and
    /// how long that takes, is in the run's metrics.
    /// </summary>
    public GradientCompression? Compression { get; init; }

    /// <summary>Steps between two lines of the training loss, 1 or more.</summary>
    public int LogEverySteps { get; init; } = 50;

    /// <summary>Steps after which training ends in the middle of an epoch; null: with the last epoch.</summary>
    public long? StepsMax { get; init; }

    /// <summary>
    /// The run's folder: metrics, curves and checkpoints. Null writes nothing. What is there is gone on with.
    /// </summary>
    public string? RunDirectory { get; init; }

    /// <summary>
    /// Where checkpoints are: a folder, or <c>s3://BUCKET/PREFIX</c> of an object store, whose address and key the
    /// environment gives as it does to AWS's tools (<c>AWS_ENDPOINT_URL</c>, <c>AWS_ACCESS_KEY_ID</c>,
    /// <c>AWS_SECRET_ACCESS_KEY</c>). Null: in the run's folder, where there is one.
    /// </summary>
    public string? CheckpointsAt { get; init; }

    /// <summary>Steps between two checkpoints; 0: at the end of each epoch alone.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>Checkpoints that are kept, 1 or more; older ones are deleted.</summary>
    public int CheckpointsKept { get; init; } = 3;

    /// <summary>Ends training when a metric gets no better; null: never.</summary>
    public EarlyStoppingOptions? EarlyStopping { get; init; }

    /// <summary>Whether rank 0 says on standard error how far it is.</summary>
    public bool ShowsProgress { get; init; } = true;

    /// <exception cref="ArgumentException">Something is out of bounds; the message has all of it.</exception>
    internal void Validate(int ranks)
    {
        List<string> faults =
        [
            .. AtLeast(nameof(Epochs), Epochs, 1),
            .. AtLeast(nameof(BatchSize), BatchSize, ranks, ", a sample for each rank"),
            .. AtLeast(nameof(AccumulationSteps), AccumulationSteps, 1),
            .. AtLeast(nameof(PrefetchBatches), PrefetchBatches, 1),
            .. AtLeast(nameof(LogEverySteps), LogEverySteps, 1),
            .. AtLeast(nameof(StepsMax), StepsMax ?? 1, 1),
            .. AtLeast(nameof(CheckpointEverySteps), CheckpointEverySteps, 0),
            .. AtLeast(nameof(CheckpointsKept), CheckpointsKept, 1),
            .. AtLeast("EarlyStopping.PatienceEpochs", EarlyStopping?.PatienceEpochs ?? 1, 1),
            .. Compression?.Faults() ?? [],
        ];
        if (CheckpointsAt is "" || (ObjectUrl.IsUrl(CheckpointsAt) && !ObjectUrl.TryParse(CheckpointsAt, out _)))
        {
            faults.Add($"{nameof(CheckpointsAt)} is '{CheckpointsAt}'; give a folder, or s3://bucket/run-1");
        }

        if (!Enum.IsDefined(Precision))
        {
            faults.Add($"{nameof(Precision)} is {Precision}; it must be one of the precisions that there are");
        }

        if (ClipNorm is { } norm && (norm <= 0 || !double.IsFinite(norm)))
        {
            faults.Add($"{nameof(ClipNorm)} is {norm}; it must be a number above 0, or null");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(TrainerOptions)}: {string.Join("; ", faults)}.");
        }
    }

    private static IEnumerable<string> AtLeast(string name, long value, long min, string why = "") =>
        value >= min ? [] : [$"{name} is {value}; it must be {min} or more{why}"];
}
