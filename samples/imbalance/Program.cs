// Ten digits of which five are rare in training: what class weights and oversampling do about it.
//
// Of the digits 5 to 9 only each 50th image is kept for training. The same network is trained three times: on the
// images as they are, with each loss weighted by how rare its digit is, and with the rare images repeated. All test
// images are used, where every digit is as frequent as any other.
using System.Globalization;
using Imbalance;
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
    Learns ten digits of which 5 to 9 are rare: as they are, with classes weighted, and with rare images repeated.
    """);
double rareShare = flags.Number("--rare", 0.02, "which part of the images of 5 to 9 is kept", from: 0.0001, to: 1);
int epochs = flags.Number("--epochs", 5, "how often all images are learned from", from: 1);
int batchSize = flags.Number("--batch", 128, "images in a step, of all ranks together", from: 1);
double rate = flags.Number("--learning-rate", 0.001, "Adam's", from: 0);
int samples = flags.Number("--samples", 60_000, "images that are read", from: 1);
ulong seed = flags.Number("--seed", 1UL, "for first weights and the order of images");
string? folder = flags.Text("--run", "FOLDER", "keeps each training in a folder below, and all curves in curves.svg");
int logEvery = flags.Number("--log-every", 100, "steps from one line of metrics to the next", from: 1);
flags.Check();

using RankContext ranks = RankContext.Join();
byte[] labels = Digits.Labels("train", samples);
long[] kept = RareDigits.Keep(labels, rareShare);
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

    if (folder is not null)
    {
        RunCurves.Write(
            Path.Combine(folder, "curves.svg"),
            [
                Path.Combine(folder, "plain"), Path.Combine(folder, "class-weights"),
                Path.Combine(folder, "oversampling"),
            ]);
    }
}

return 0;

IReadOnlyDictionary<string, double> Fit(string name, IDataset dataset, float[]? weights)
{
    Torch.ManualSeed(seed);
    using var model = new Sequential(
        new Linear(784, 256), new ReLU(), new Linear(256, 128), new ReLU(), new Linear(128, 10));
    using var optimizer = new Adam(model, new AdamOptions { LearningRate = rate });
    using Tensor? weight = weights is null ? null : Torch.From<float>(weights, [weights.Length]);
    using var trainer = new Trainer(ranks, model, optimizer, Loss, new TrainerOptions
    {
        Epochs = epochs,
        BatchSize = batchSize,
        LogEverySteps = logEvery,
        Seed = seed,
        RunDirectory = folder is null ? null : Path.Combine(folder, name),
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
