using System.Globalization;
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
    private readonly CheckpointFolder? _checkpoints;
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
        if (_folder is not null)
        {
            _checkpoints = new CheckpointFolder(Path.Combine(_folder, "checkpoints"));
            if (_isFirst)
            {
                _checkpoints.Clean();
            }

            _writer = new CheckpointWriter(
                _checkpoints, ranks.MeetForCheckpoints(), ranks.Rank, ranks.Size, options.CheckpointsKept);
        }
    }

    public Progress? Progress { get; }

    public EarlyStopping? EarlyStopping { get; }

    /// <summary>Makes the folder, before ranks meet for the first time.</summary>
    public static TrainerRun Open(RankContext ranks, TrainerOptions options, long stepsTotal) =>
        new(ranks, options, stepsTotal);

    /// <summary>Loads the newest checkpoint that is whole; null where there is none.</summary>
    public CheckpointManifest? Resume(
        IParallelism parallelism, TrainerOptions options, DistributedSampler sampler, Module model,
        Optimizer optimizer)
    {
        if (_checkpoints is null)
        {
            return null;
        }

        // Rank 0 alone looks, so that all ranks take the same one.
        double[] step = [_isFirst ? NewestWhole() : 0];
        parallelism.Sum(step, "checkpoint");
        if (step[0] < 0)
        {
            return null;
        }

        CheckpointManifest manifest = _checkpoints.Verify((long)step[0]);
        RequireSameRun(manifest, options, sampler);
        TrainingState.Load(_checkpoints.PathOf(manifest.Step), manifest, model, optimizer, parallelism);
        EarlyStopping?.Restore(manifest.BestMetric, manifest.EpochsSinceBest);
        _savedStep = manifest.Step;
        Progress?.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"going on from {_checkpoints.PathOf(manifest.Step)} " +
            $"(epoch {manifest.Epoch + 1}, batch {manifest.Batch})"));
        return manifest;
    }

    public void Started(long step)
    {
        _firstStep = step;
        _startedAt = _syncedAt = _time.GetTimestamp();
        if (_isFirst && _folder is not null)
        {
            _records?.Dispose();
            _records = RunDirectory.Open(_folder, step);
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

    public void Save(
        long step, SamplePosition position, long scheduleStep, TrainerOptions options, DistributedSampler sampler,
        Module model, Optimizer optimizer, IParallelism parallelism)
    {
        if (_writer is null || step == _savedStep)
        {
            return;
        }

        using var scope = new TensorScope();
        parallelism.Settle();
        OptimizerState state = optimizer.ExportState();
        var manifest = new CheckpointManifest
        {
            Step = step,
            Epoch = position.Epoch,
            Batch = position.Batch,
            ScheduleStep = scheduleStep,
            Seed = options.Seed,
            Samples = sampler.Samples,
            BatchSize = options.BatchSize,
            BestMetric = EarlyStopping?.Best,
            EpochsSinceBest = EarlyStopping?.EpochsSince ?? 0,
            OptimizerNumbers = state.Numbers,
        };
        _writer.Save(manifest, TrainingState.Tensors(model, state, parallelism));
        _savedStep = step;
    }

    public void Flush() => _writer?.Flush();

    public void Dispose()
    {
        _writer?.Dispose();
        _records?.Dispose();
    }

    private long NewestWhole()
    {
        foreach (long step in _checkpoints!.Steps)
        {
            try
            {
                _checkpoints.Verify(step);
                return step;
            }
            catch (CheckpointException e)
            {
                Console.Error.WriteLine($"{e.Message} The one before it is taken.");
            }
        }

        return -1;
    }

    private void RequireSameRun(CheckpointManifest manifest, TrainerOptions options, DistributedSampler sampler)
    {
        string[] differences =
        [
            .. Differs(nameof(options.Seed), manifest.Seed, options.Seed),
            .. Differs(nameof(options.BatchSize), (ulong)manifest.BatchSize, (ulong)options.BatchSize),
            .. Differs("the number of samples", (ulong)manifest.Samples, (ulong)sampler.Samples),
        ];
        if (differences.Length > 0)
        {
            throw new CheckpointException(
                $"The checkpoint {_checkpoints!.PathOf(manifest.Step)} is of another run, so that its position in " +
                $"the data would mean nothing: {string.Join("; ", differences)}. Set them as they were, or give " +
                "another run directory.");
        }
    }

    private static IEnumerable<string> Differs(string name, ulong then, ulong now) =>
        then == now ? [] : [$"{name} was {then} and is {now}"];
}
