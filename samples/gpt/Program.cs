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

var flags = new Flags(args, "Learns to write as the Bible is written, by characters, on a mesh of processes.");
MeshShape shape = flags.Read("--mesh", "1x1x1", MeshShape.Parse, "DxTxP", "ranks: data x tensor x pipeline");
int blocks = flags.Number("--layers", 4, "blocks, between the embedding and the head", from: 1);
int heads = flags.Number("--heads", 4, "heads of attention in each", from: 1);
int width = flags.Number("--width", 128, "numbers that stand for a character", from: 1);
int context = flags.Number("--context", 128, "characters that it looks back at", from: 1);
double dropout = flags.Number("--dropout", 0.0, "the share of activations that training drops", from: 0, to: 0.99);
int characters = flags.Number("--characters", 1_000_000, "characters of the Bible that it reads", from: 1);
int batchSize = flags.Number("--batch", 32, "samples in a step, of all ranks together", from: 1);
int parts = flags.Number("--parts", 1, "parts of a rank's samples; a pipeline needs several", from: 1);
long stepsMax = flags.Number("--steps", 500L, "steps", from: 1L);
double rate = flags.Number("--learning-rate", 1e-3, "AdamW's, at its highest", from: 0);
long decaySteps = flags.Number("--decay-steps", stepsMax, "steps until it has fallen", from: 1L);
bool isZero = flags.Has("--zero", "divides the optimizer's state along the data axis");
string order = flags.OneOf("--schedule", ["1f1b", "gpipe"], "in which order a pipeline runs parts");
string balance = flags.OneOf("--balance", ["even", "measured"], "how layers are divided among a pipeline's stages");
ulong seed = flags.Number("--seed", 1UL, "for first weights, the order of samples, and writing");
int logEvery = flags.Number("--log-every", 50, "steps from one line of metrics to the next", from: 1);
int checkpointEvery = flags.Number("--checkpoint-every", 0, "steps between checkpoints; 0: by the epoch", from: 0);
string? run = flags.Text("--run", "FOLDER", "keeps metrics, curves, checkpoints; goes on from the newest");
string? checkpoints = flags.Text("--checkpoints", "PLACE", "keeps these there: a folder, or s3://BUCKET/PREFIX");
string prompt = flags.Text("--prompt", "\n", "TEXT", "what it goes on from when it writes");
int write = flags.Number("--write", 300, "characters that it writes", from: 0);
double temperature = flags.Number("--temperature", 0.8, "how much it dares then", from: 0.01);
string device = flags.OneOf("--device", ["cpu", "cuda", "auto"], "where ranks train");
bool isDryRun = flags.Has("--dry-run", "in one process, says what each rank would hold and send");
RequireThatItFits();
flags.Check();

var text = CharacterText.Bible(characters, context);
flags.Require(prompt.All(text.Characters.Contains), "--prompt has characters that the text has not.");
flags.Check();
(CharacterText train, CharacterText validation) = text.Split();
var sizes = new GptOptions
{
    Vocabulary = text.Characters.Length,
    Context = context,
    Layers = blocks,
    Heads = heads,
    Width = width,
    Dropout = dropout,
};
PipelineScheduleKind schedule = order is "gpipe"
    ? PipelineScheduleKind.GPipe
    : PipelineScheduleKind.OneForwardOneBackward;
bool isMeasured = balance is "measured";
if (isDryRun)
{
    Console.Write(DryRun());
    return 0;
}

using RankContext ranks = RankContext.Join(device);
using DeviceMesh mesh = DeviceMesh.Of(ranks, shape);
IReadOnlyList<PipelineLayer> layers = GptLayers.Of(sizes, mesh.TensorAxis);
IReadOnlyList<int>? starts = isMeasured ? Balance(Measure(mesh)) : null;

// All ranks draw the same first weights, and keep their own.
Torch.ManualSeed(seed);
using var model = new Pipeline(mesh, layers, (scores, batch) => Loss(mesh.TensorAxis, scores, batch[1]), starts);
model.To(ranks.Device);
using var parallelism = new MeshParallelism(
    ranks, mesh, model, new MeshOptions { ShardsOptimizer = isZero, Schedule = schedule, Tied = GptLayers.Tied });
var adam = new AdamWOptions { LearningRate = rate, Beta2 = 0.99, WeightDecay = 0.1 };
using var optimizer = new AdamW(Groups(parallelism.OwnParameters, adam));
TrainerOptions options = Options();
using var trainer = new Trainer(ranks, model, optimizer, model.Loss, options)
{
    Parallelism = parallelism,
    Schedule = Decay(decaySteps),
    Evaluation = (batch, sums) => sums.Add(
        "loss", Loss(mesh.TensorAxis, model.Forward(batch[0]), batch[1]).ToDouble() * batch.Size, batch.Size),
};
TrainingReport report = trainer.Fit(train, validation);
IReadOnlyList<long> written = new Writer(model, mesh, sizes).Continue(
    text.Encode(prompt), write, temperature, seed);
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
    long batches = (train.Count + batchSize - 1) / batchSize;
    return new TrainerOptions
    {
        Epochs = (int)((stepsMax + batches - 1) / batches),
        StepsMax = stepsMax,
        BatchSize = batchSize,
        AccumulationSteps = parts,
        Seed = seed,
        ClipNorm = 1,
        LogEverySteps = logEvery,
        CheckpointEverySteps = checkpointEvery,
        RunDirectory = run,
        CheckpointsAt = checkpoints,
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

// All ranks would say the same, each for itself, so it is said before they are.
void RequireThatItFits()
{
    int started = int.TryParse(Environment.GetEnvironmentVariable("WORLD_SIZE"), out int size) ? size : 1;
    flags.Require(
        isDryRun || shape.Size == started,
        $"--mesh {shape} is for {shape.Size} ranks, and there are {started}. Start {shape.Size} (lepton train " +
        $"--nproc-per-node), or give a mesh of {started}, such as {new MeshShape(started, 1, 1)}.");
    flags.Require(
        heads % shape.Tensor == 0,
        $"{heads} heads can't be divided among {shape.Tensor} ranks, the second number of --mesh {shape}.");
    flags.Require(width % heads == 0, $"--width is {width}; expected a multiple of the {heads} heads.");
    flags.Require(
        shape.Pipeline <= blocks + 2,
        $"--mesh {shape} has {shape.Pipeline} stages for {blocks} blocks, the embedding and the head; each needs one.");
    flags.Require(
        batchSize >= shape.Data, $"--batch is {batchSize}; expected {shape.Data} or more, one for each data rank.");
    flags.Require(
        characters > 10 * context,
        $"{characters} characters are too few for samples of {context}. Give more with --characters.");
}
