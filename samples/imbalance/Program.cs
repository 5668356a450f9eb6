// Ten digits of which five are rare in training: what class weights and oversampling do about it.
//
//   imbalance [--rare 0.02] [--epochs 5] [--batch 128] [--learning-rate 0.001] [--samples 60000] [--seed 1]
//             [--run FOLDER] [--log-every 100]
//
// Of the digits 5 to 9 only each 50th image is kept for training. The same network is trained three times: on the
// images as they are, with each loss weighted by how rare its digit is, and with the rare images repeated. All test
// images are used, where every digit is as frequent as any other. With --run, curves.svg shows the three side by side.
using System.Globalization;
using Imbalance;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using Lepton.Training.Records;
using Mnist;

using RankContext ranks = RankContext.Join();
int samples = (int)Number("--samples", 60_000);
byte[] labels = Digits.Labels("train", samples);
long[] kept = RareDigits.Keep(labels, Number("--rare", 0.02));
byte[] keptLabels = [.. kept.Select(place => labels[place])];
TensorDataset all = Digits.Load("train", samples);
var train = new Subset(all, kept);
TensorDataset test = Digits.Load("t10k", samples);
var results = new List<(string Name, IReadOnlyDictionary<string, double> Metrics)>
{
    ("plain", Fit("plain", train, null)),
    ("class weights", Fit("class-weights", train, RareDigits.Weights(keptLabels))),
    ("oversampling", Fit("oversampling", new Subset(train, RareDigits.Repeat(keptLabels)), null)),
};
if (ranks.IsStopRequested)
{
    return 130;
}

if (ranks.Rank == 0)
{
    Console.WriteLine("recall          all     0 to 4  5 to 9");
    foreach ((string name, IReadOnlyDictionary<string, double> metrics) in results)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-14}  {metrics["recall"]:0.0000}  {metrics["recall_frequent"]:0.0000}  " +
            $"{metrics["recall_rare"]:0.0000}"));
    }

    if (Option("--run") is { } run)
    {
        RunCurves.Write(
            Path.Combine(run, "curves.svg"),
            [Path.Combine(run, "plain"), Path.Combine(run, "class-weights"), Path.Combine(run, "oversampling")]);
    }
}

return 0;

IReadOnlyDictionary<string, double> Fit(string name, IDataset dataset, float[]? weights)
{
    ulong seed = (ulong)Number("--seed", 1);
    Torch.ManualSeed(seed);
    using var model = new Sequential(
        new Linear(784, 256), new ReLU(), new Linear(256, 128), new ReLU(), new Linear(128, 10));
    using var optimizer = new Adam(model, new AdamOptions { LearningRate = Number("--learning-rate", 0.001) });
    using Tensor? weight = weights is null ? null : Torch.From<float>(weights, [weights.Length]);
    using var trainer = new Trainer(ranks, model, optimizer, Loss, new TrainerOptions
    {
        Epochs = (int)Number("--epochs", 5),
        BatchSize = (int)Number("--batch", 128),
        LogEverySteps = (int)Number("--log-every", 100),
        Seed = seed,
        RunDirectory = Option("--run") is { } run ? Path.Combine(run, name) : null,
    })
    {
        Evaluation = (batch, sums) =>
        {
            Tensor right = model.Forward(batch[0]).ArgMax(1).Eq(batch[1]);
            Tensor rare = batch[1].Ge(RareDigits.First);
            long hits = right.Sum().ToInt64();
            long rareHits = right.And(rare).Sum().ToInt64();
            long rareCount = rare.Sum().ToInt64();
            sums.Add("recall", hits, batch.Size);
            sums.Add("recall_frequent", hits - rareHits, batch.Size - rareCount);
            sums.Add("recall_rare", rareHits, rareCount);
        },
    };
    return trainer.Fit(dataset, test).Metrics;

    // Weights have a mean of 1 over all samples. A batch's losses are divided by its samples, not by their weights: so
    // the sum is the same however it is divided.
    Tensor Loss(TrainingBatch batch) =>
        LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1], weight, Reduction.Sum) / batch.Size;
}

double Number(string name, double otherwise) =>
    Option(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
