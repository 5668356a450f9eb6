using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Lepton.Core.Randomness;
using Lepton.Torch;
using Lepton.Torch.Autograd;
using Lepton.Torch.Distributed;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;
using Lepton.Training.Checkpoints;
using Lepton.Training.Data;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;
using Lepton.Training.Records;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Loop;

/// <summary>
/// Trains a model: batches in, forward, backward, the optimizer's step; then what surrounds that, in
/// <see cref="Fit"/>'s order. The same on one rank as on many, which only <see cref="IParallelism"/> knows about.
/// </summary>
/// <remarks>
/// <para>The model and the optimizer stay the caller's, who disposes of the trainer first. Every number follows from
/// the seed and the data: a step's random draws from the seed, the step and the rank, the order of samples from the
/// seed and the epoch. So training that goes on from a checkpoint goes on as if it had not been cut off.</para>
/// <para>Batches are brought to the device that the model is on: <c>model.To(ranks.Device)</c>, before the optimizer is
/// made, trains it on a GPU.</para>
/// <para>Where a rank fails, those that can leave their last step in the launcher's memory before they end, so that the
/// ranks which start again lose nothing; without a launcher, and where all are killed at once, they go on from the last
/// checkpoint.</para>
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly RankContext _ranks;
    private readonly Module _model;
    private readonly Optimizer _optimizer;
    private readonly LossFunction _loss;
    private readonly TrainerOptions _options;
    private readonly SyncPace _pace = new();
    private IParallelism? _own;
    private Device _device;
    private TrainerRun? _run;
    private LastStep? _lastStep;
    private DistributedSampler? _sampler;
    private SamplePosition _position;
    private long _step;
    private double _lossSum;
    private double _lossSamples;
    private double _lastLoss = double.NaN;
    private IReadOnlyList<MetricLine> _lastLines = [];
    private bool _isStopped;

    /// <summary>Makes a trainer; the ranks' models become equal with the first <see cref="Fit"/>.</summary>
    /// <param name="ranks">This process's place.</param>
    /// <param name="model">What is trained.</param>
    /// <param name="optimizer">Changes its parameters.</param>
    /// <param name="loss">Runs the model and says how far it is off.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">Options are out of bounds; the message has all of them.</exception>
    public Trainer(
        RankContext ranks, Module model, Optimizer optimizer, LossFunction loss, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        _ranks = ranks;
        _model = model;
        _optimizer = optimizer;
        _loss = loss;
        _options = options ?? new TrainerOptions();
        _options.Validate(ranks: 1);
    }

    /// <summary>Sets the learning rate, a step of it for each step of the optimizer; null: it stays.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>What a validation measures; needed where <see cref="Fit"/> gets data for one.</summary>
    public EvaluationFunction? Evaluation { get; init; }

    /// <summary>
    /// How the ranks share the work; by default each has the whole model, and gradients are averaged. One that is given
    /// is disposed of by its giver.
    /// </summary>
    [AllowNull]
    public IParallelism Parallelism
    {
        get => field ?? (_own ??= _ranks.ShareBatches());
        init;
    }

    /// <summary>Trains, from the newest checkpoint of the run directory on where there is one.</summary>
    /// <param name="train">What to learn from.</param>
    /// <param name="validation">What to validate on behind each epoch; null: nothing.</param>
    /// <exception cref="ArgumentException">A batch has fewer samples than there are ranks to share it.</exception>
    /// <exception cref="NotFiniteLossException">A loss is NaN or infinite.</exception>
    /// <exception cref="CheckpointException">A checkpoint is of another model, or can't be
    /// written.</exception>
    /// <exception cref="CollectiveException">Another rank is gone, or does something else.</exception>
    /// <exception cref="TrainingMemoryException">There was no room for the tensors of a step, or of its
    /// batch.</exception>
    public TrainingReport Fit(IDataset train, IDataset? validation = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        try
        {
            return Run(train, validation);
        }
        catch
        {
            // This rank, or another one, has failed; the last whole step is here all the same, for those that start
            // again.
            Hold();
            throw;
        }
    }

    /// <summary>Measures the model on data, on all ranks together, each sample once.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        EvaluationFunction evaluation = Evaluation ?? throw new InvalidOperationException(
            $"There is nothing to evaluate with. Set {nameof(Trainer)}.{nameof(Evaluation)}.");
        var sampler = new DistributedSampler(
            dataset.Count, _options.BatchSize, Parallelism.Rank, Parallelism.Size, isShuffled: false);
        var sums = new MetricSums();
        Parallelism.Settle();
        _model.Eval();
        using (NoGrad())
        {
            foreach (TrainingBatch batch in Batches(dataset, sampler, default, "the validation"))
            {
                using (batch)
                using (new TensorScope())
                {
                    sums.CountsNothing = batch.IsPadding;
                    Measure(evaluation, batch, sums);
                }
            }
        }

        _model.Train();
        double[] values = sums.ToArray();
        Parallelism.Sum(values, "metrics");
        return sums.Means(values);
    }

    /// <summary>Waits for the last checkpoint and closes the run's files.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _lastStep?.Dispose();
        _own?.Dispose();
    }

    private TrainingReport Run(IDataset train, IDataset? validation)
    {
        _options.Validate(Parallelism.Size);
        _sampler = new DistributedSampler(
            train.Count, _options.BatchSize, Parallelism.Rank, Parallelism.Size, _options.Seed);
        long stepsTotal = Math.Min(_options.StepsMax ?? long.MaxValue, _options.Epochs * _sampler.BatchesPerEpoch);
        Begin(stepsTotal);
        IReadOnlyDictionary<string, double> metrics = new Dictionary<string, double>();
        bool isOver = _run!.EarlyStopping?.IsOver is true;

        // A step that was held may be the last of an epoch whose end was not reached.
        while (!isOver && (_step < stepsTotal || _position.Batch == _sampler.BatchesPerEpoch))
        {
            string epoch = string.Create(CultureInfo.InvariantCulture, $"epoch {_position.Epoch}");
            foreach (TrainingBatch batch in Batches(train, _sampler, _position, epoch))
            {
                using (batch)
                {
                    TakeStep(batch, stepsTotal);
                }

                AfterStep(stepsTotal);
                if (_isStopped || _step == stepsTotal)
                {
                    break;
                }
            }

            if (!_isStopped)
            {
                metrics = EndEpoch(validation, metrics);
                isOver = _run.EarlyStopping?.IsOver is true;
            }

            isOver |= _isStopped;
        }

        // One that had been finished before did nothing.
        bool isUnmeasured = validation is not null && metrics.Count == 0 && !_isStopped;
        return End(isUnmeasured ? Evaluate(validation!) : metrics);
    }

    private IEnumerable<TrainingBatch> Batches(
        IDataset dataset, DistributedSampler sampler, SamplePosition from, string pass)
    {
        _device = _model.Device;
        using IEnumerator<TrainingBatch> batches =
            new DataLoader(dataset, sampler, _options.PrefetchBatches, _device).Read(from).GetEnumerator();
        for (SamplePosition next = from; Advance(next); next = next with { Batch = next.Batch + 1 })
        {
            yield return batches.Current;
        }

        // What the reading of a batch failed of comes in that batch's place.
        bool Advance(SamplePosition next)
        {
            try
            {
                return batches.MoveNext();
            }
            catch (TorchMemoryException e)
            {
                string batch = string.Create(CultureInfo.InvariantCulture, $"batch {next.Batch} of {pass}");
                throw MemoryReport.DescribeReading(
                    e, _step + 1, batch, sampler.SizeOf(next.Batch), _model, _optimizer, _ranks.Rank);
            }
        }
    }

    private void Begin(long stepsTotal)
    {
        _run ??= TrainerRun.Open(_ranks, _options, stepsTotal);
        if (_options.Compression is { } compression)
        {
            Parallelism.Compress(compression);
        }

        Parallelism.Attach(_model);
        HeldSteps? held =
            Parallelism.StateLayout is null && Parallelism.AreModelsEqual ? _ranks.NextHeldSteps() : null;
        if (_run.Resume(_ranks, Parallelism, held, _options, _sampler!, _model, _optimizer) is { } manifest)
        {
            _step = manifest.Step;
            _position = new SamplePosition(manifest.Epoch, manifest.Batch);
            _lastLines = manifest.LastLines;
            _lastLoss = manifest.LastLines
                .Select(static line => line.Values.TryGetValue("loss", out double loss) ? loss : double.NaN)
                .FirstOrDefault(double.NaN);
            if (Schedule is not null)
            {
                Schedule.StepCount = manifest.ScheduleStep;
            }
        }

        _run.Started(_step, _lastLines);
        _pace.Restart(_step);
        _lastStep?.Dispose();
        _lastStep = held is null ? null : new LastStep(held, _ranks.RestartCount, _model);
        _model.Train();
    }

    private void TakeStep(TrainingBatch batch, long stepsTotal)
    {
        try
        {
            Step(batch, stepsTotal);
        }
        catch (TorchMemoryException e)
        {
            throw MemoryReport.Describe(e, _step + 1, batch, _model, _optimizer, _ranks.Rank);
        }
    }

    private void Step(TrainingBatch batch, long stepsTotal)
    {
        _lastStep?.Keep();
        SeedStep();
        int parts = Math.Min(_options.AccumulationSteps, batch.Size);
        Parallelism.ForwardBackward(parts, part =>
        {
            int start = (int)((long)batch.Size * part / parts);
            int end = (int)((long)batch.Size * (part + 1) / parts);
            return WeightedLoss(parts == 1 ? batch : batch.Part(start, end - start));
        });

        // Before the step is done: whoever has done it has its line too, whichever rank is gone then.
        MetricLine? line = (_step + 1) % _options.LogEverySteps == 0 || _step + 1 == stepsTotal ? LossLine() : null;
        _lastStep?.Changes();
        Parallelism.Step(_optimizer, _options.ClipNorm);
        Schedule?.Step();
        _step++;
        _position = batch.Position with { Batch = batch.Position.Batch + 1 };
        _lastLines = line is null ? [] : [line];
        _lastStep?.IsWhole();
    }

    private MetricLine LossLine()
    {
        double[] sums = [_lossSum, _lossSamples];
        Parallelism.Sum(sums, "loss");
        _lastLoss = sums[0] / sums[1];
        (_lossSum, _lossSamples) = (0, 0);
        var metrics = new OrderedDictionary<string, double>
        {
            ["loss"] = _lastLoss,
            ["learning_rate"] = _optimizer.Groups[0].LearningRate,
            ["samples_per_second"] = Rate(_step + 1),
        };
        Parallelism.AddMetrics(metrics);
        return new MetricLine(_step + 1, _position.Epoch, RunDirectory.Training, metrics);
    }

    private void SeedStep() =>
        ManualSeed(SeededRandom.DeriveSeed(_options.Seed, 1, (ulong)_step, Parallelism.RandomStream));

    private void Measure(EvaluationFunction evaluation, TrainingBatch batch, MetricSums sums)
    {
        try
        {
            if (_options.Precision == TrainingPrecision.Full)
            {
                evaluation(batch, sums);
                return;
            }

            using AutocastScope autocast = Autocast(DType.BFloat16, _device);
            evaluation(batch, sums);
        }
        catch (TorchMemoryException e)
        {
            throw MemoryReport.DescribeMeasuring(e, _step, batch, _model, _optimizer, _ranks.Rank);
        }
    }

    private Tensor WeightedLoss(TrainingBatch part)
    {
        Tensor loss = Forward(part);
        if (!Parallelism.HasLoss)
        {
            return loss;
        }

        if (loss.ElementCount != 1)
        {
            throw new ArgumentException(
                $"The loss must be one number, and the loss function gave {loss.Describe()}. Take the mean of it.");
        }

        double value = loss.ToDouble();
        if (!double.IsFinite(value))
        {
            throw new NotFiniteSearch(_model, _options.RunDirectory, _ranks.Rank).Describe(
                value, _step + 1, part, () =>
                {
                    SeedStep();
                    Forward(part);
                });
        }

        // Gradients are averaged over ranks, which have unequal parts in a last batch: weighted, the mean over ranks is
        // the mean over the batch's samples.
        double weight = (double)part.CountedSize * Parallelism.Size / part.GlobalSize;
        _lossSum += value * part.CountedSize;
        _lossSamples += part.CountedSize;
        return weight == 1 ? loss : loss * weight;
    }

    private Tensor Forward(TrainingBatch part)
    {
        if (_options.Precision == TrainingPrecision.Full)
        {
            return _loss(part);
        }

        using AutocastScope autocast = Autocast(DType.BFloat16, _device);
        return _loss(part).To(DType.Float32);
    }

    private void AfterStep(long stepsTotal)
    {
        foreach (MetricLine line in _lastLines)
        {
            _run!.Write(line);
        }

        if (_step == _pace.NextStep)
        {
            double[] sums = [_ranks.IsStopRequested ? 1 : 0, _run!.SecondsSinceSync()];
            Parallelism.Sum(sums, "stop");
            _pace.Observe(_step, sums[1], _ranks.Size);
            _isStopped = sums[0] > 0;
        }

        // The end of an epoch, and of the training, saves by itself.
        bool isMidway = _position.Batch < _sampler!.BatchesPerEpoch && _step < stepsTotal && !_isStopped;
        if (isMidway && _options.CheckpointEverySteps > 0 && _step % _options.CheckpointEverySteps == 0)
        {
            Save();
        }

        _run!.Progress?.Show(_step, _run.StepsHere(_step), Rate(_step), _position.Epoch, _lastLoss);
    }

    private IReadOnlyDictionary<string, double> EndEpoch(
        IDataset? validation, IReadOnlyDictionary<string, double> metrics)
    {
        if (validation is not null)
        {
            metrics = Evaluate(validation);
            var line = new MetricLine(_step, _position.Epoch, RunDirectory.Validation, metrics);
            _run!.Write(line);
            _lastLines = [.. _lastLines, line];
            _run.Progress?.Tell(string.Create(
                CultureInfo.InvariantCulture,
                $"epoch {_position.Epoch + 1}: {string.Join("  ", metrics.Select(Describe))}"));
            _run.EarlyStopping?.Observe(metrics);
        }

        if (_position.Batch == _sampler!.BatchesPerEpoch)
        {
            _position = new SamplePosition(_position.Epoch + 1, 0);
        }

        _run!.WriteCurves();
        Save();
        return metrics;
    }

    private static string Describe(KeyValuePair<string, double> metric) =>
        string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:0.0000}");

    private void Save()
    {
        if (_run!.Writes)
        {
            FiniteParameters.Require(_model, _step, _ranks.Rank);

            // The one before may still be on its way to a slow disk.
            _ranks.MayTake(CheckpointWriter.TimeMax);
            Parallelism.Settle();
            OptimizerState state = _optimizer.ExportState();
            _run.Save(Manifest(state), _model, state, Parallelism);
        }
    }

    private void Hold()
    {
        if (_lastStep is { } last && _step > 0)
        {
            last.Hold(_optimizer, Manifest);
        }
    }

    private CheckpointManifest Manifest(OptimizerState state) => new()
    {
        Step = _step,
        Epoch = _position.Epoch,
        Batch = _position.Batch,
        ScheduleStep = Schedule?.StepCount ?? 0,
        Seed = _options.Seed,
        Samples = _sampler!.Samples,
        BatchSize = _options.BatchSize,
        BestMetric = _run!.EarlyStopping?.Best,
        EpochsSinceBest = _run.EarlyStopping?.EpochsSince ?? 0,
        LastLines = _lastLines,
        OptimizerNumbers = Parallelism.StateLayout?.AllNumbers(state.Numbers) ?? state.Numbers,
    };

    private double Rate(long step) => _run!.SamplesPerSecond(step, _options.BatchSize);

    private TrainingReport End(IReadOnlyDictionary<string, double> metrics)
    {
        if (_isStopped)
        {
            // Without a run directory, those that go on on other machines go on from memory.
            Save();
            Hold();
            _run!.Progress?.Tell(string.Create(CultureInfo.InvariantCulture, $"stopped at step {_step}"));
        }

        _run!.Flush();
        TrainingEnd end = _isStopped ? TrainingEnd.Interrupted
            : _run.EarlyStopping?.IsOver is true ? TrainingEnd.StoppedEarly : TrainingEnd.Done;
        return new TrainingReport(_step, _lastLoss, metrics, Rate(_step), end);
    }
}
