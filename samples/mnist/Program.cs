// Learns to read handwritten digits, on one process or on several that share each batch.
//
//   mnist [--model mlp|cnn] [--epochs 10] [--batch 128] [--learning-rate 0.001] [--accumulate 1] [--seed 1]
//         [--samples 60000] [--log-every 100] [--checkpoint-every 0] [--run FOLDER] [--checkpoints PLACE]
//         [--device cpu|cuda|auto] [--compression none|float16|bfloat16|int8|top-k|sign|powersgd]
//
// By itself it runs as one process; `lepton train samples/mnist --nproc-per-node 2` starts two. The loss goes the same
// way for any number of them. With --run it keeps metrics, curves and checkpoints, and goes on from the newest;
// with --checkpoints these lie in another folder, or in an object store, as s3://BUCKET/PREFIX.
// Compression makes what the processes send each other smaller; LEPTON_SEND_BYTES_PER_SECOND_MAX shows what a slow link
// does to either.
using System.Globalization;
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

// Meets the other processes, of which each is a rank. Where there is no launcher, this one is alone.
using RankContext ranks = RankContext.Join(Option("--device", "cpu"));
var options = new TrainerOptions
{
    Epochs = Number("--epochs", 10),
    BatchSize = Number("--batch", 128),
    AccumulationSteps = Number("--accumulate", 1),
    Seed = (ulong)Number("--seed", 1),
    LogEverySteps = Number("--log-every", 100),
    CheckpointEverySteps = Number("--checkpoint-every", 0),
    RunDirectory = Option("--run", "") is { Length: > 0 } run ? run : null,
    CheckpointsAt = Option("--checkpoints", "") is { Length: > 0 } place ? place : null,
    Compression = Option("--compression", "none") switch
    {
        "none" => null,
        "float16" => new Float16Compression(),
        "bfloat16" => new BFloat16Compression(),
        "int8" => new Int8Compression(),
        "top-k" => new TopKCompression(),
        "sign" => new SignCompression(),
        "powersgd" => new PowerSgdCompression(),
        string other => throw new ArgumentException($"--compression is '{other}'; the first lines say what it can be."),
    },
};
int samples = Number("--samples", 60_000);
TensorDataset train = Digits.Load("train", samples);
TensorDataset test = Digits.Load("t10k", Math.Max(1, samples / 6));

Torch.ManualSeed(options.Seed);
using Module<Tensor, Tensor> model = Option("--model", "mlp") is "cnn"
    ? new ConvolutionalClassifier()
    : new Classifier();
model.To(ranks.Device);
double rate = double.Parse(Option("--learning-rate", "0.001"), CultureInfo.InvariantCulture);
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
    if ((trainer.Parallelism as DistributedDataParallel)?.Compression is { } sent)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sent      {sent.BytesSent / 1e6:0.0} MB by this rank, {sent.BytesUncompressed / 1e6:0.0} MB without " +
            $"compression; packing {sent.CompressionTime.TotalSeconds:0.0} s, exchange " +
            $"{sent.ExchangeTime.TotalSeconds:0.0} s"));
    }
}

return report.End == TrainingEnd.Interrupted ? 130 : 0;

int Number(string name, int otherwise) => int.Parse(
    Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
