// Learns to read handwritten digits, on one process or on several that share each batch.
//
// By itself it runs as one process; `lepton train samples/mnist --nproc-per-node 2` starts two. The loss goes the same
// way for any number of them. Compression makes what they send each other smaller; LEPTON_SEND_BYTES_PER_SECOND_MAX
// shows what a slow link does to either.
using System.Globalization;
using Lepton.Samples;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Schedules;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Parallelism;
using Lepton.Training.Parallelism.Compression;
using Lepton.Training.Ranks;
using Mnist;

var flags = new Flags(
    args, "Learns to read handwritten digits, on one process or on several that share each batch.");
string kind = flags.OneOf("--model", ["mlp", "cnn"], "the network");
double rate = flags.Number("--learning-rate", 0.001, "Adam's, at the start; it falls to 0", from: 0);
int samples = flags.Number("--samples", 60_000, "images to learn from", from: 1);
string device = flags.OneOf("--device", ["cpu", "cuda", "auto"], "where ranks train");
string compression = flags.OneOf(
    "--compression", ["none", "float16", "bfloat16", "int8", "top-k", "sign", "powersgd"], "how gradients are sent");
var options = new TrainerOptions
{
    Epochs = flags.Number("--epochs", 10, "how often all images are learned from", from: 1),
    BatchSize = flags.Number("--batch", 128, "images in a step, of all ranks together", from: 1),
    AccumulationSteps = flags.Number("--accumulate", 1, "parts in which a rank computes its images", from: 1),
    Seed = flags.Number("--seed", 1UL, "for first weights and the order of images"),
    LogEverySteps = flags.Number("--log-every", 100, "steps from one line of metrics to the next", from: 1),
    CheckpointEverySteps = flags.Number("--checkpoint-every", 0, "steps between checkpoints; 0: by the epoch", from: 0),
    RunDirectory = flags.Text("--run", "FOLDER", "keeps metrics, curves, checkpoints; goes on from the newest"),
    CheckpointsAt = flags.Text("--checkpoints", "PLACE", "keeps these there: a folder, or s3://BUCKET/PREFIX"),
    Compression = compression switch
    {
        "float16" => new Float16Compression(),
        "bfloat16" => new BFloat16Compression(),
        "int8" => new Int8Compression(),
        "top-k" => new TopKCompression(),
        "sign" => new SignCompression(),
        "powersgd" => new PowerSgdCompression(),
        _ => null,
    },
};
flags.Check();

// Meets the other processes, of which each is a rank. Where there is no launcher, this one is alone.
using RankContext ranks = RankContext.Join(device);
TensorDataset train = Digits.Load("train", samples);
TensorDataset test = Digits.Load("t10k", Math.Max(1, samples / 6));

Torch.ManualSeed(options.Seed);
using Module<Tensor, Tensor> model = kind is "cnn" ? new ConvolutionalClassifier() : new Classifier();
model.To(ranks.Device);
using var optimizer = new Adam(model, new AdamOptions { LearningRate = rate });
long steps = (train.Count + options.BatchSize - 1) / options.BatchSize * options.Epochs;
using var trainer = new Trainer(
    ranks, model, optimizer, batch => LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]), options)
{
    Schedule = new CosineAnnealingLR(optimizer, steps),
    Evaluation = (batch, sums) =>
    {
        Tensor scores = model.Forward(batch[0]);
        sums.Add("loss", LossFunctions.CrossEntropy(scores, batch[1], reduction: Reduction.Sum).ToDouble(), batch.Size);
        sums.Add("accuracy", scores.ArgMax(1).Eq(batch[1]).Sum().ToInt64(), batch.Size);
    },
};
TrainingReport report = trainer.Fit(train, test);
if (ranks.Rank == 0)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ranks     {ranks.Size}"));
    Console.WriteLine($"device    {ranks.Device}");
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"steps     {report.Steps}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loss      {report.Loss:0.000000}"));
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"accuracy  {report.Metrics.GetValueOrDefault("accuracy", double.NaN):0.0000}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rate      {report.SamplesPerSecond:0} samples/s"));
    if (trainer.Parallelism is DistributedDataParallel parallelism)
    {
        Console.WriteLine($"sent      {SentBy(parallelism)}");
    }
}

return report.End == TrainingEnd.Interrupted ? 130 : 0;

static string SentBy(DistributedDataParallel parallelism)
{
    string without = parallelism.Compression is not { } packed ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $", {packed.BytesUncompressed / 1e6:0.0} MB without compression; packing " +
        $"{packed.CompressionTime.TotalSeconds:0.0} s, exchange {packed.ExchangeTime.TotalSeconds:0.0} s");
    return string.Create(CultureInfo.InvariantCulture, $"{parallelism.BytesSent / 1e6:0.0} MB by this rank{without}");
}
