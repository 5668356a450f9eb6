// Learns to write as the Bible is written, character by character, on a mesh of processes: data x tensor x pipeline.
//
// `lepton train samples/gpt --nproc-per-node 4 -- --mesh 2x2x1` starts four. The loss goes the same way on any mesh.
using System.Globalization;
using Gpt;
using Lepton.Samples;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;

var flags = new GptFlags(
    new Flags(args, "Learns to write as the Bible is written, by characters, on a mesh of processes."));
flags.Check();
MeshShape shape = flags.Mesh;
var text = CharacterText.Bible(flags.Characters, flags.Context);
flags.CheckPrompt(text.Characters);
(CharacterText train, CharacterText validation) = text.Split();
GptOptions sizes = flags.Sizes(text.Characters.Length);
if (flags.IsDryRun)
{
    Console.Write(DryRun());
    return 0;
}

using RankContext ranks = RankContext.Join(flags.Device);
using DeviceMesh mesh = DeviceMesh.Of(ranks, shape);
IReadOnlyList<PipelineLayer> layers = GptLayers.Of(sizes, mesh.TensorAxis);
IReadOnlyList<int>? starts = flags.IsMeasured ? Balance(Measure(mesh)) : null;

// All ranks draw the same first weights, and keep their own.
Torch.ManualSeed(flags.Seed);
using var model = new Pipeline(mesh, layers, (scores, batch) => Loss(mesh.TensorAxis, scores, batch[1]), starts);
model.To(ranks.Device);
using var parallelism = new MeshParallelism(
    ranks, mesh, model,
    new MeshOptions { ShardsOptimizer = flags.IsZero, Schedule = flags.Schedule, Tied = GptLayers.Tied });
var adam = new AdamWOptions { LearningRate = flags.LearningRate, Beta2 = 0.99, WeightDecay = 0.1 };
using var optimizer = new AdamW(Groups(parallelism.OwnParameters, adam));
TrainerOptions options = Options();
using var trainer = new Trainer(ranks, model, optimizer, model.Loss, options)
{
    Parallelism = parallelism,
    Schedule = Decay(flags.DecaySteps > 0 ? flags.DecaySteps : flags.Steps),
    Evaluation = (batch, sums) => sums.Add(
        "loss", Loss(mesh.TensorAxis, model.Forward(batch[0]), batch[1]).ToDouble() * batch.Size, batch.Size),
};
TrainingReport report = trainer.Fit(train, validation);
IReadOnlyList<long> written = new Writer(model, mesh, sizes).Continue(
    text.Encode(flags.Prompt), flags.Write, flags.Temperature, flags.Seed);
if (ranks.Rank == 0)
{
    IEnumerable<string> firsts = model.Starts.Select(first => layers[first].Name);
    Print($"mesh        {shape}, stages begin with {string.Join(", ", firsts)}");
    Print($"steps       {report.Steps}");
    Print($"loss        {report.Loss:0.000000}");
    Print($"validation  {report.Metrics.GetValueOrDefault("loss", double.NaN):0.000000}");
    Print($"rate        {report.SamplesPerSecond * sizes.Context:0} characters/s");
    Print($"sent        {parallelism.BytesSent} bytes by rank 0");
    Console.WriteLine(text.Decode(written));
    if (options.RunDirectory is { } folder)
    {
        File.WriteAllText(Path.Combine(folder, "text.txt"), text.Decode(written));
    }
}

return report.End == TrainingEnd.Interrupted ? 130 : 0;

Tensor Loss(MeshAxis axis, Tensor scores, Tensor target) => VocabParallelLoss.CrossEntropy(
    axis, scores.View(-1, scores.Size(2)), target.View(-1), sizes.Vocabulary);

// As in GPT-2, what is no matrix does not decay.
static IEnumerable<ParameterGroup> Groups(IReadOnlyList<NamedParameter> own, AdamWOptions adam) => own
    .GroupBy(static named => named.Parameter.Value.Dimensions > 1)
    .OrderByDescending(static group => group.Key)
    .Select(group => new ParameterGroup(group, group.Key ? adam : adam with { WeightDecay = 0 }));

TrainerOptions Options()
{
    long batches = (train.Count + flags.Batch - 1) / flags.Batch;
    return new TrainerOptions
    {
        Epochs = (int)((flags.Steps + batches - 1) / batches),
        StepsMax = flags.Steps,
        BatchSize = flags.Batch,
        AccumulationSteps = flags.Parts,
        Seed = flags.Seed,
        ClipNorm = 1,
        LogEverySteps = flags.LogEvery,
        CheckpointEverySteps = flags.CheckpointEvery,
        RunDirectory = flags.Run,
        CheckpointsAt = flags.Checkpoints,
    };
}

CosineWarmupLR Decay(long steps) => new(optimizer, Math.Min(100, steps / 10), steps);

IReadOnlyList<LayerProfile> Measure(DeviceMesh on)
{
    int size = Math.Max(1, flags.Batch / shape.Data / flags.Parts);
    IReadOnlyList<Tensor> sample = text.Read([.. Enumerable.Range(0, size).Select(static i => (long)i)]);
    return PipelineProfile.Measure(
        on, GptLayers.Of(sizes, on.TensorAxis), sample[0], scores => Loss(on.TensorAxis, scores, sample[1]));
}

IReadOnlyList<int> Balance(IReadOnlyList<LayerProfile> profiles) => StageBalance.Divide(
    [.. profiles.Select(profile => flags.IsMeasured ? profile.Seconds : 1)], shape.Pipeline);

string DryRun()
{
    IReadOnlyList<LayerProfile>[] profiles = [.. Enumerable.Range(0, shape.Tensor).Select(tensor =>
    {
        using DeviceMesh planned = DeviceMesh.Planned(shape, new MeshPlace(0, tensor, 0));
        return Measure(planned);
    })];
    return MeshDryRun.Describe(MeshDryRun.Of(shape, profiles, new DryRunOptions
    {
        Starts = Balance(profiles[0]),
        Parts = flags.Parts,
        Schedule = flags.Schedule,
        ShardsOptimizer = flags.IsZero,
    }));
}

static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
