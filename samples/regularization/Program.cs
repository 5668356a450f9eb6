// A network that is far too large for its few images, and what dropout and L2 do against learning them by heart.
//
// The same network is trained three times. Each is measured behind each epoch, on ten times as many test images, at
// most all; curves.svg in the run's folder shows the three side by side.
using System.Globalization;
using Lepton.Samples;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using Lepton.Training.Records;
using Mnist;

var flags = new Flags(args, """
    Trains a network that is far too large for its few images three times: as it is, with dropout, and with L2.
    """);
int samples = flags.Number("--samples", 1000, "images to learn from; tested on ten times as many", from: 1, to: 60_000);
int epochs = flags.Number("--epochs", 40, "how often all of them are learned from", from: 1);
int batchSize = flags.Number("--batch", 128, "images in a step, of all ranks together", from: 1);
double rate = flags.Number("--learning-rate", 0.001, "Adam's", from: 0);
double dropoutShare = flags.Number("--dropout", 0.5, "the share of activations that dropout drops", from: 0, to: 0.99);
double decay = flags.Number("--l2", 0.001, "how much L2 draws weights to 0", from: 0);
ulong seed = flags.Number("--seed", 1UL, "for first weights and the order of images");
string folder = flags.Text(
    "--run", "regularization-run", "FOLDER", "keeps each training in a folder below, and all curves in curves.svg");
int logEvery = flags.Number("--log-every", 1, "steps from one line of metrics to the next", from: 1);
flags.Check();

using RankContext ranks = RankContext.Join();
TensorDataset train = Digits.Load("train", samples);
TensorDataset test = Digits.Load("t10k", 10 * samples);
var results = new List<(string Name, TrainingReport Report)>
{
    ("plain", Fit("plain", dropout: 0, l2: 0)),
    ("dropout", Fit("dropout", dropoutShare, l2: 0)),
    ("l2", Fit("l2", dropout: 0, decay)),
};
if (ranks.IsStopRequested)
{
    return 130;
}

if (ranks.Rank == 0)
{
    Console.WriteLine("         train loss  test loss  test accuracy");
    foreach ((string name, TrainingReport report) in results)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-8} {report.Loss,10:0.0000} {report.Metrics["loss"],10:0.0000} " +
            $"{report.Metrics["accuracy"],14:0.0000}"));
    }

    string picture = Path.Combine(folder, "curves.svg");
    RunCurves.Write(picture, [.. results.Select(result => Path.Combine(folder, result.Name))]);
    Console.WriteLine($"curves   {picture}");
}

return 0;

TrainingReport Fit(string name, double dropout, double l2)
{
    Torch.ManualSeed(seed);
    using var model = new Sequential(
        new Linear(784, 512), new ReLU(), new Dropout(dropout), new Linear(512, 512), new ReLU(), new Dropout(dropout),
        new Linear(512, 10));
    using var optimizer = new Adam(model, new AdamOptions { LearningRate = rate, WeightDecay = l2 });
    using var trainer = new Trainer(
        ranks, model, optimizer, batch => LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]),
        new TrainerOptions
        {
            Epochs = epochs,
            BatchSize = batchSize,
            LogEverySteps = logEvery,
            Seed = seed,
            RunDirectory = Path.Combine(folder, name),
        })
    {
        Evaluation = (batch, sums) =>
        {
            Tensor scores = model.Forward(batch[0]);
            Tensor loss = LossFunctions.CrossEntropy(scores, batch[1], reduction: Reduction.Sum);
            sums.Add("loss", loss.ToDouble(), batch.Size);
            sums.Add("accuracy", scores.ArgMax(1).Eq(batch[1]).Sum().ToInt64(), batch.Size);
        },
    };
    return trainer.Fit(train, test);
}
