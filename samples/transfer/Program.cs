// Transfer learning: a network learns the digits 0 to 4 from all their images; what it has learnt to see is frozen, and
// a new last layer learns 5 to 9 from ten images of each. The same network learns these ten from scratch to compare.
//
// Both are measured on all test images of 5 to 9. A step of the second part takes all of its few images.
using System.Globalization;
using Lepton.Samples;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using Mnist;
using Transfer;

const int Classes = 5;
var flags = new Flags(args, """
    Has a network learn the digits 0 to 4, freezes it, and has a new last layer learn 5 to 9 from few images of each;
    the same network learns these from scratch to compare.
    """);
int samples = flags.Number("--samples", 60_000, "images that are read", from: 1);
int fewImages = flags.Number("--few", 10, "images of each of 5 to 9", from: 1);
int epochs = flags.Number("--epochs", 2, "how often the images of 0 to 4 are learned from", from: 1);
int fewEpochs = flags.Number("--few-epochs", 100, "how often the few are; a step takes all of them", from: 1);
int batch = flags.Number("--batch", 128, "images of 0 to 4 in a step", from: 1);
double rate = flags.Number("--learning-rate", 0.001, "Adam's", from: 0.0);
ulong seed = flags.Number("--seed", 1UL, "for first weights and the order of images");
string? folder = flags.Text("--run", "FOLDER", "keeps metrics and checkpoints of each training in a folder below");
int logEvery = flags.Number("--log-every", 50, "steps from one line of metrics to the next", from: 1);
flags.Check();

using RankContext ranks = RankContext.Join();
byte[] labels = Digits.Labels("train", samples);
byte[] testLabels = Digits.Labels("t10k", samples);
TensorDataset images = Digits.Load("train", samples);
TensorDataset testImages = Digits.Load("t10k", samples);
var low = new Subset(images, Places(labels, 0, int.MaxValue));
var lowTest = new Subset(testImages, Places(testLabels, 0, int.MaxValue));
var few = new Subset(images, Places(labels, Classes, fewImages));
var highTest = new Subset(testImages, Places(testLabels, Classes, int.MaxValue));

Torch.ManualSeed(seed);
using var features = new Features();
using var before = new Sequential(features, new Linear(Features.Width, Classes));
double beforeAccuracy = Fit("before", before, low, lowTest, epochs, batch);
features.RequireGradients(false);
Torch.ManualSeed(seed);
using var transferred = new Sequential(features, new Linear(Features.Width, Classes));
double transferredAccuracy = Fit("transferred", transferred, few, highTest, fewEpochs, (int)few.Count);
Torch.ManualSeed(seed);
using var scratch = new Sequential(new Features(), new Linear(Features.Width, Classes));
double scratchAccuracy = Fit("scratch", scratch, few, highTest, fewEpochs, (int)few.Count);
if (ranks.IsStopRequested)
{
    return 130;
}

if (ranks.Rank == 0)
{
    Tell($"0 to 4, {low.Count} images", beforeAccuracy);
    Tell($"5 to 9, {few.Count} images, transferred", transferredAccuracy);
    Tell($"5 to 9, {few.Count} images, from scratch", scratchAccuracy);
}

return 0;

double Fit(string name, Module<Tensor, Tensor> model, IDataset train, IDataset test, int epochs, int batchSize)
{
    using var optimizer = new Adam(model, new AdamOptions { LearningRate = rate });
    using var trainer = new Trainer(
        ranks, model, optimizer, batch => LossFunctions.CrossEntropy(model.Forward(batch[0]), ClassOf(batch)),
        new TrainerOptions
        {
            Epochs = epochs,
            BatchSize = batchSize,
            LogEverySteps = logEvery,
            Seed = seed,
            RunDirectory = folder is null ? null : Path.Combine(folder, name),
        })
    {
        Evaluation = (batch, sums) => sums.Add(
            "accuracy", model.Forward(batch[0]).ArgMax(1).Eq(ClassOf(batch)).Sum().ToInt64(), batch.Size),
    };
    trainer.Fit(train);
    return trainer.Evaluate(test)["accuracy"];
}

static Tensor ClassOf(TrainingBatch batch) => batch[1].Remainder(Classes);

static long[] Places(byte[] labels, int first, int countMax) =>
[
    .. Enumerable.Range(0, labels.Length)
        .Where(place => labels[place] >= first && labels[place] < first + Classes)
        .GroupBy(place => labels[place])
        .SelectMany(digit => digit.Take(countMax))
        .Select(static place => (long)place),
];

static void Tell(string what, double accuracy) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{what,-34} accuracy {accuracy:0.0000}"));
