// Learns to write as the Bible is written, character by character, on a mesh of processes: data x tensor x pipeline.
//
//   gpt [--mesh 1x1x1] [--layers 4] [--heads 4] [--width 128] [--context 128] [--dropout 0] [--characters 1000000]
//       [--batch 32] [--parts 1] [--steps 500] [--learning-rate 0.001] [--decay-steps 500] [--zero]
//       [--schedule 1f1b|gpipe] [--balance even|measured] [--seed 1] [--log-every 50] [--checkpoint-every 0]
//       [--run FOLDER] [--checkpoints FOLDER|s3://BUCKET/PREFIX] [--prompt TEXT] [--write 300] [--temperature 0.8]
//       [--device cpu|cuda|auto] [--dry-run]
//
// `lepton train samples/gpt --nproc-per-node 4 -- --mesh 2x2x1` starts four. The loss goes the same way on any mesh.
// --parts cuts each rank's batch into parts, which a pipeline needs several of. --zero divides the optimizer's state
// along the data axis. --dry-run, in one process, says what each rank of the mesh would hold and send.
using System.Globalization;
using Gpt;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;

var shape = MeshShape.Parse(Option("--mesh", "1x1x1"));
PipelineScheduleKind schedule = Option("--schedule", "1f1b") switch
{
    "1f1b" => PipelineScheduleKind.OneForwardOneBackward,
    "gpipe" => PipelineScheduleKind.GPipe,
    string other => throw new ArgumentException($"--schedule is '{other}'; expected 1f1b or gpipe."),
};
int parts = Number("--parts", 1);
int batchSize = Number("--batch", 32);
long stepsMax = Number("--steps", 500);
ulong seed = (ulong)Number("--seed", 1);
var text = CharacterText.Bible(Number("--characters", 1_000_000), Number("--context", 128));
(CharacterText train, CharacterText validation) = text.Split();
var sizes = new GptOptions
{
    Vocabulary = text.Characters.Length,
    Context = Number("--context", 128),
    Layers = Number("--layers", 4),
    Heads = Number("--heads", 4),
    Width = Number("--width", 128),
    Dropout = Fraction("--dropout", 0),
};
bool isMeasured = Option("--balance", "even") is "measured";
bool isZero = args.Contains("--zero");
if (args.Contains("--dry-run"))
{
    Console.Write(DryRun());
    return 0;
}

using RankContext ranks = RankContext.Join(Option("--device", "cpu"));
using DeviceMesh mesh = DeviceMesh.Of(ranks, shape);
IReadOnlyList<PipelineLayer> layers = GptLayers.Of(sizes, mesh.TensorAxis);
IReadOnlyList<int>? starts = isMeasured ? Balance(Measure(mesh)) : null;

// All ranks draw the same first weights, and keep their own.
Torch.ManualSeed(seed);
using var model = new Pipeline(mesh, layers, (scores, batch) => Loss(mesh.TensorAxis, scores, batch[1]), starts);
model.To(ranks.Device);
using var parallelism = new MeshParallelism(
    ranks, mesh, model, new MeshOptions { ShardsOptimizer = isZero, Schedule = schedule, Tied = GptLayers.Tied });
var adam = new AdamWOptions { LearningRate = Fraction("--learning-rate", 1e-3), Beta2 = 0.99, WeightDecay = 0.1 };
using var optimizer = new AdamW(Groups(parallelism.OwnParameters, adam));
TrainerOptions options = Options();
using var trainer = new Trainer(ranks, model, optimizer, model.Loss, options)
{
    Parallelism = parallelism,
    Schedule = Decay(Number("--decay-steps", (int)stepsMax)),
    Evaluation = (batch, sums) => sums.Add(
        "loss", Loss(mesh.TensorAxis, model.Forward(batch[0]), batch[1]).ToDouble() * batch.Size, batch.Size),
};
TrainingReport report = trainer.Fit(train, validation);
IReadOnlyList<long> written = new Writer(model, mesh, sizes).Continue(
    text.Encode(Option("--prompt", "\n")), Number("--write", 300), Fraction("--temperature", 0.8), seed);
if (ranks.Rank == 0)
{
    Print($"mesh        {shape}, layers of the stages from {string.Join(", ", model.Starts)}");
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
    long batches = (train.Count + batchSize - 1) / batchSize;
    return new TrainerOptions
    {
        Epochs = (int)((stepsMax + batches - 1) / batches),
        StepsMax = stepsMax,
        BatchSize = batchSize,
        AccumulationSteps = parts,
        Seed = seed,
        ClipNorm = 1,
        LogEverySteps = Number("--log-every", 50),
        CheckpointEverySteps = Number("--checkpoint-every", 0),
        RunDirectory = Option("--run", "") is { Length: > 0 } run ? run : null,
        CheckpointsAt = Option("--checkpoints", "") is { Length: > 0 } place ? place : null,
    };
}

CosineWarmupLR Decay(long steps) => new(optimizer, Math.Min(100, steps / 10), steps);

IReadOnlyList<LayerProfile> Measure(DeviceMesh on)
{
    int size = Math.Max(1, batchSize / shape.Data / parts);
    IReadOnlyList<Tensor> sample = text.Read([.. Enumerable.Range(0, size).Select(static i => (long)i)]);
    return PipelineProfile.Measure(
        on, GptLayers.Of(sizes, on.TensorAxis), sample[0], scores => Loss(on.TensorAxis, scores, sample[1]));
}

IReadOnlyList<int> Balance(IReadOnlyList<LayerProfile> profiles) => StageBalance.Divide(
    [.. profiles.Select(profile => isMeasured ? profile.Seconds : 1)], shape.Pipeline);

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
        Parts = parts,
        Schedule = schedule,
        ShardsOptimizer = isZero,
    }));
}

static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

double Fraction(string name, double otherwise) =>
    double.Parse(Option(name, otherwise.ToString("R", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

int Number(string name, int otherwise) => int.Parse(
    Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
