// Linear regression: how much alcohol a wine has, from twelve other measurements of it.
//
// A step takes all wines, so the loss goes the same way whatever their order, and for any number of ranks.
using System.Globalization;
using Lepton.Samples;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Ranks;
using LinearRegression;

var flags = new Flags(args, "Learns how much alcohol a wine has from twelve other measurements of it.");
int epochs = flags.Number("--epochs", 200, "steps, of which each takes all wines", from: 1);
double rate = flags.Number("--learning-rate", 0.05, "how far a step goes", from: 0);
ulong seed = flags.Number("--seed", 1UL, "for the first weights");
string? run = flags.Text("--run", "FOLDER", "keeps metrics, curves and checkpoints, and goes on from the newest");
flags.Check();

using RankContext ranks = RankContext.Join();
WineTable wines = WineTable.Read(Path.Combine(AppContext.BaseDirectory, "data", "wine.csv"));
Torch.ManualSeed(seed);
using var model = new Linear(wines.Columns.Count, 1);
using var optimizer = new SGD(model, new SgdOptions { LearningRate = rate, Momentum = 0.9 });
using var trainer = new Trainer(
    ranks, model, optimizer, batch => LossFunctions.MseLoss(model.Forward(batch[0]), batch[1]),
    new TrainerOptions
    {
        Epochs = epochs,
        BatchSize = (int)wines.Measured.Size(0),
        LogEverySteps = 1,
        RunDirectory = run,
    });
TrainingReport report = trainer.Fit(new TensorDataset(wines.Measured, wines.Alcohol));
if (ranks.Rank == 0)
{
    // Both sides have a mean of 0 and a variance of 1, so what the loss leaves of 1 is explained.
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"steps  {report.Steps}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loss   {report.Loss:0.000000}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"R²     {1 - report.Loss:0.0000}"));
    float[] weights = model.Weight.Value.ToArray<float>();
    foreach ((string column, float weight) in wines.Columns.Zip(weights)
        .OrderByDescending(static pair => MathF.Abs(pair.Second)))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {weight,7:0.000}  {column}"));
    }
}

return report.End == TrainingEnd.Interrupted ? 130 : 0;
