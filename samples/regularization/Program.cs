// A network that is far too large for its few images, and what dropout and L2 do against learning them by heart.
//
//   regularization [--samples 1000] [--epochs 40] [--batch 128] [--learning-rate 0.001] [--dropout 0.5] [--l2 0.001]
//                  [--seed 1] [--run regularization-run] [--log-every 1]
//
// The same network is trained three times. Each is measured behind each epoch, on ten times as many test images, at
// most all; curves.svg in the run's folder shows the three side by side.
using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using Lepton.Training.Records;
using Mnist;

using RankContext ranks = RankContext.Join();
int samples = (int)Number("--samples", 1000);
string folder = Option("--run") ?? "regularization-run";
TensorDataset train = Digits.Load("train", samples);
TensorDataset test = Digits.Load("t10k", 10 * samples);
var results = new List<(string Name, TrainingReport Report)>
{
    ("plain", Fit("plain", dropout: 0, l2: 0)),
    ("dropout", Fit("dropout", Number("--dropout", 0.5), l2: 0)),
    ("l2", Fit("l2", dropout: 0, Number("--l2", 0.001))),
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
    ulong seed = (ulong)Number("--seed", 1);
    Torch.ManualSeed(seed);
    using var model = new Sequential(
        new Linear(784, 512), new ReLU(), new Dropout(dropout), new Linear(512, 512), new ReLU(), new Dropout(dropout),
        new Linear(512, 10));
    using var optimizer = new Adam(
        model, new AdamOptions { LearningRate = Number("--learning-rate", 0.001), WeightDecay = l2 });
    using var trainer = new Trainer(
        ranks, model, optimizer, batch => LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]),
        new TrainerOptions
        {
            Epochs = (int)Number("--epochs", 40),
            BatchSize = (int)Number("--batch", 128),
            LogEverySteps = (int)Number("--log-every", 1),
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

double Number(string name, double otherwise) =>
    Option(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
