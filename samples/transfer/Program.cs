// Transfer learning: a network learns the digits 0 to 4 from all their images; what it has learnt to see is frozen, and
// a new last layer learns 5 to 9 from ten images of each. The same network learns these ten from scratch to compare.
//
//   transfer [--samples 60000] [--few 10] [--epochs 2] [--few-epochs 100] [--batch 128] [--learning-rate 0.001]
//            [--seed 1] [--run FOLDER] [--log-every 50]
//
// Both are measured on all test images of 5 to 9. A step of the second part takes all of its few images.
using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using Mnist;
using Transfer;

const int Classes = 5;
using RankContext ranks = RankContext.Join();
int samples = (int)Number("--samples", 60_000);
ulong seed = (ulong)Number("--seed", 1);
byte[] labels = Digits.Labels("train", samples);
byte[] testLabels = Digits.Labels("t10k", samples);
TensorDataset images = Digits.Load("train", samples);
TensorDataset testImages = Digits.Load("t10k", samples);
var low = new Subset(images, Places(labels, 0, int.MaxValue));
var lowTest = new Subset(testImages, Places(testLabels, 0, int.MaxValue));
var few = new Subset(images, Places(labels, Classes, (int)Number("--few", 10)));
var highTest = new Subset(testImages, Places(testLabels, Classes, int.MaxValue));

Torch.ManualSeed(seed);
using var features = new Features();
using var before = new Sequential(features, new Linear(Features.Width, Classes));
double beforeAccuracy = Fit(
    "before", before, low, lowTest, (int)Number("--epochs", 2), (int)Number("--batch", 128));
int fewEpochs = (int)Number("--few-epochs", 100);
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
    using var optimizer = new Adam(model, new AdamOptions { LearningRate = Number("--learning-rate", 0.001) });
    using var trainer = new Trainer(
        ranks, model, optimizer, batch => LossFunctions.CrossEntropy(model.Forward(batch[0]), ClassOf(batch)),
        new TrainerOptions
        {
            Epochs = epochs,
            BatchSize = batchSize,
            LogEverySteps = (int)Number("--log-every", 50),
            Seed = seed,
            RunDirectory = Option("--run") is { } run ? Path.Combine(run, name) : null,
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

double Number(string name, double otherwise) =>
    Option(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
