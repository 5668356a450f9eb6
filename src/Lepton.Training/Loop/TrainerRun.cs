using System.Globalization;
using Lepton.Objects;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Checkpoints;
using Lepton.Training.Data;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;
using Lepton.Training.Records;

namespace Lepton.Training.Loop;

/// <summary>What surrounds a training: its folder, checkpoints, progress and clock.</summary>
internal sealed class TrainerRun : IDisposable
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly string? _folder;
    private readonly bool _isFirst;
    private readonly ICheckpointStore? _checkpoints;
    private readonly ICheckpointMeeting _meeting;
    private readonly CheckpointWriter? _writer;
    private RunDirectory? _records;
    private long _firstStep;
    private long _startedAt;
    private long _syncedAt;
    private long _savedStep = -1;

    private TrainerRun(RankContext ranks, TrainerOptions options, long stepsTotal)
    {
        _folder = options.RunDirectory;
        _isFirst = ranks.Rank == 0;
        EarlyStopping = options.EarlyStopping is { } stopping ? new EarlyStopping(stopping) : null;
        Progress = _isFirst && options.ShowsProgress
            ? new Progress(Console.Error, !Console.IsErrorRedirected, _time, stepsTotal)
            : null;
        _checkpoints = StoreOf(options);
        if (_isFirst)
        {
            _checkpoints?.Clean();
        }

        if (_checkpoints is ObjectCheckpoints && ranks.LocalRank == 0)
        {
            ObjectCheckpoints.RemoveLeft();
        }

        _meeting = ranks.MeetForCheckpoints();
        _writer = _checkpoints is null
            ? null
            : new CheckpointWriter(_checkpoints, _meeting, ranks.Rank, ranks.Size, options.CheckpointsKept);
    }

    public Progress? Progress { get; }

    /// <summary>Whether checkpoints are written.</summary>
    public bool Writes => _writer is not null;

    public EarlyStopping? EarlyStopping { get; }

    /// <summary>Makes the folder, before ranks meet for the first time.</summary>
    public static TrainerRun Open(RankContext ranks, TrainerOptions options, long stepsTotal) =>
        new(ranks, options, stepsTotal);

    /// <summary>
    /// Loads the last step that a rank held in memory, or the newest checkpoint that is whole; null where there is
    /// neither.
    /// </summary>
    public CheckpointManifest? Resume(
        RankContext ranks, IParallelism parallelism, HeldSteps? held, TrainerOptions options,
        DistributedSampler sampler, Module model, Optimizer optimizer)
    {
        // What each rank's machine holds: steps from 1 on, so that 0 is none.
        double[] found = new double[ranks.Size];
        ranks.MayTake(CheckpointWriter.TimeMax);
        found[ranks.Rank] = (held?.Newest ?? -1) + 1;
        parallelism.Sum(found, "checkpoint");
        using var reader = new CheckpointReader(_checkpoints, _meeting, ranks.Rank, ranks.Machine, ranks.LocalRank);
        OpenedCheckpoint? checkpoint = null;
        long? newest = null;
        while (checkpoint is null)
        {
            double best = found.Max();
            newest = reader.FindNewest(after: (long)best - 1);
            if (newest is null && best == 0)
            {
                if (ranks.RestartCount > 0 || _checkpoints?.Steps.Count > 0)
                {
                    Progress?.Tell("starting from the first step: no checkpoint can be read, and no step is in memory");
                }

                return null;
            }

            ranks.MayTake(CheckpointWriter.TimeMax);
            checkpoint = newest is { } step ? reader.Open(step) : Held(ranks, held!, found, best);
        }

        CheckpointManifest manifest = checkpoint.Manifest;
        _meeting.Together(() =>
        {
            RequireSameRun(checkpoint, options, sampler);
            TrainingState.Load(checkpoint, model, optimizer, parallelism);
        });
        EarlyStopping?.Restore(manifest.BestMetric, manifest.EpochsSinceBest);
        _savedStep = newest ?? -1;
        string from = newest is not null
            ? checkpoint.Name
            : string.Create(CultureInfo.InvariantCulture, $"step {manifest.Step}, which was held in memory");
        Progress?.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"going on from {from} (epoch {manifest.Epoch + 1}, batch {manifest.Batch})"));
        return manifest;
    }

    public void Started(long step, IReadOnlyList<MetricLine> lastLines)
    {
        _firstStep = step;
        _startedAt = _syncedAt = _time.GetTimestamp();
        if (_isFirst && _folder is not null)
        {
            _records?.Dispose();
            _records = RunDirectory.Open(_folder, step, lastLines);
        }
    }

    public long StepsHere(long step) => step - _firstStep;

    public double SamplesPerSecond(long step, int batchSize) =>
        StepsHere(step) * (double)batchSize / Math.Max(1e-6, _time.GetElapsedTime(_startedAt).TotalSeconds);

    public double SecondsSinceSync()
    {
        double seconds = _time.GetElapsedTime(_syncedAt).TotalSeconds;
        _syncedAt = _time.GetTimestamp();
        return seconds;
    }

    public void Write(MetricLine line) => _records?.Write(line);

    public void WriteCurves() => _records?.WriteCurves();

    public void Save(CheckpointManifest manifest, Module model, OptimizerState optimizer, IParallelism parallelism)
    {
        if (_writer is not null && manifest.Step != _savedStep)
        {
            using var scope = new TensorScope();
            _writer.Save(
                manifest, TrainingState.Tensors(model, optimizer, parallelism.ExportState()), parallelism.StateLayout);
            _savedStep = manifest.Step;
        }
    }

    public void Flush() => _writer?.Flush();

    public void Dispose()
    {
        _writer?.Dispose();
        _meeting.Dispose();
        (_checkpoints as IDisposable)?.Dispose();
        _records?.Dispose();
    }

    private static ICheckpointStore? StoreOf(TrainerOptions options) =>
        (options.CheckpointsAt, options.RunDirectory) switch
        {
            ({ } url, _) when ObjectUrl.IsUrl(url) =>
                new ObjectCheckpoints(ObjectClient.FromEnvironment(), ObjectUrl.Parse(url)),
            ({ } folder, _) => new CheckpointFolder(folder),
            (null, { } run) => new CheckpointFolder(Path.Combine(run, "checkpoints")),
            _ => null,
        };

    // Null where not all can have it: then it counts for nothing.
    private static OpenedCheckpoint? Held(RankContext ranks, HeldSteps held, double[] found, double best)
    {
        long step = (long)best - 1;
        int owner = Array.IndexOf(found, best);
        if (Array.TrueForAll(found, other => other == best)
            || held.Share(ranks.Group!, step, owner, ranks.RestartCount))
        {
            return held.Find(step);
        }

        found[owner] = 0;
        return null;
    }

    private static void RequireSameRun(
        OpenedCheckpoint checkpoint, TrainerOptions options, DistributedSampler sampler)
    {
        CheckpointManifest manifest = checkpoint.Manifest;
        string[] differences =
        [
            .. Differs(nameof(options.Seed), manifest.Seed, options.Seed),
            .. Differs(nameof(options.BatchSize), (ulong)manifest.BatchSize, (ulong)options.BatchSize),
            .. Differs("the number of samples", (ulong)manifest.Samples, (ulong)sampler.Samples),
        ];
        if (differences.Length > 0)
        {
            throw new CheckpointException(
                $"The checkpoint {checkpoint.Name} is of another run, so that its position in " +
                $"the data would mean nothing: {string.Join("; ", differences)}. Set them as they were, or give " +
                "another run directory.");
        }
    }

    private static IEnumerable<string> Differs(string name, ulong then, ulong now) =>
        then == now ? [] : [$"{name} was {then} and is {now}"];
}
