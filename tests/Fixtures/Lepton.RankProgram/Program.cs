// A rank that trains on a small part of MNIST and can be made to fail in ways that tests ask for:
//
//   Lepton.RankProgram [--run FOLDER] [--epochs N] [--checkpoint-every N] [--accumulate N] [--hidden N] [--norm]
//                      [--fault kill|throw|mismatch|unwaited|freeze|hang|backward|nan|activation|memory|data|
//                      validation|gradient|weight]
//                      [--fault-rank R] [--mesh DxTxP]
//                      [--fault-step N] [--kills SEED] [--kill-rounds N] [--bfloat16] [--tell-steps]
//                      [--optimizer adam|sgd] [--compression float16|bfloat16|int8|top-k|sign|power]
//                      [--local-steps N] [--timeout SECONDS]
//                      [--at-start absent|throw|end|idle|leave|unwaited]
//
// With --at-start something goes wrong before the first step: the faulty rank does not join, or throws or ends
// instead, or does nothing after it has, or leaves; or rank 0 leaves with a collective that it does not wait for, while
// the faulty one does nothing.
// With --mesh another model is trained, on a mesh, and the faults are hang and backward: within forward or backward of
// a step. A fault comes in the first round alone, before a restart. With --kills the rank kills itself in each of the
// first rounds, at a moment of up to 30 ms behind its third step that the seed draws.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lepton.Core.Randomness;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;

const int Samples = 1000;
string fault = Option("--fault", "");
int faultRank = Number("--fault-rank", 1);
int faultStep = Number("--fault-step", 10);

using RankContext? ranks = new StartFault(Option("--at-start", ""), faultRank).Join(Number("--timeout", 60));
if (ranks is null)
{
    return 0;
}

bool isGuilty = fault.Length > 0 && ranks.Rank == faultRank && ranks.RestartCount == 0;
string folder = Path.Combine(AppContext.BaseDirectory, "data");
Tensor images = IdxFile.Read(Path.Combine(folder, "t10k-images-idx3-ubyte.gz")).Narrow(0, 0, Samples)
    .View(Samples, -1).To(DType.Float32) / 255;
Tensor labels = IdxFile.Read(Path.Combine(folder, "t10k-labels-idx1-ubyte.gz")).Narrow(0, 0, Samples).To(DType.Int64);

Lepton.Torch.Torch.ManualSeed(7);
int hidden = Number("--hidden", 32);
using Sequential model = args.Contains("--norm")
    ? new(new Linear(784, hidden), new BatchNorm1d(hidden), new ReLU(), new Linear(hidden, 10))
    : new(new Linear(784, hidden), new ReLU(), new Linear(hidden, 10));
using Optimizer optimizer = Option("--optimizer", "adam") is "sgd"
    ? new SGD(model, new SgdOptions { LearningRate = 0.1 })
    : new Adam(model);
int step = 0;
int kills = Number("--kills", -1);
SamplePosition? lastSeen = null;
var options = new TrainerOptions
{
    Epochs = Number("--epochs", 2),
    BatchSize = 32,
    Seed = 7,
    AccumulationSteps = Number("--accumulate", 1),
    LogEverySteps = 1,
    CheckpointEverySteps = Number("--checkpoint-every", 5),
    RunDirectory = Option("--run", "") is { Length: > 0 } run ? run : null,
    CheckpointsAt = Option("--checkpoints", "") is { Length: > 0 } place ? place : null,
    Precision = args.Contains("--bfloat16") ? TrainingPrecision.MixedBFloat16 : TrainingPrecision.Full,
    Compression = Compressions.Of(Option("--compression", "")),
};
int localSteps = Number("--local-steps", 0);
using IParallelism? local = localSteps > 0 ? new LocalSgd(ranks, optimizer, localSteps) : null;
using var trainer = new Trainer(ranks, model, optimizer, Loss, options)
{
    Parallelism = local,
    Evaluation = (batch, sums) => sums.Add("accuracy", Right(batch), batch.Size),
};
var dataset = new TensorDataset(images, labels);
if (Option("--mesh", "") is { Length: > 0 } shape)
{
    MeshTraining.Run(
        ranks, shape, dataset, options, isGuilty ? new HangingLayer(faultStep, fault == "backward") : null);
    return 0;
}

// A batch of the second has no room.
TensorDataset train = isGuilty && fault == "data"
    ? new TensorDataset(images, Lepton.Torch.Torch.Zeros([Samples, 1]).Expand(Samples, 1L << 44))
    : dataset;
TrainingReport report = trainer.Fit(train, new Subset(dataset, [.. Enumerable.Range(0, 101).Select(i => (long)i)]));
if (ranks.Rank == 0)
{
    Console.WriteLine($"accuracy {report.Metrics["accuracy"].ToString("R", CultureInfo.InvariantCulture)}");
}

return report.End == TrainingEnd.Interrupted ? 130 : 0;

long Right(TrainingBatch batch)
{
    Tensor images = isGuilty && fault == "validation" ? Lepton.Torch.Torch.Empty([1L << 46]) : batch[0];
    return model.Forward(images).ArgMax(1).Eq(batch[1]).Sum().ToInt64();
}

Tensor Loss(TrainingBatch batch)
{
    // Forward of the same batch again is the same step.
    step += batch.Position == lastSeen ? 0 : 1;
    lastSeen = batch.Position;
    if (args.Contains("--tell-steps"))
    {
        Console.WriteLine($"step {step}");
    }

    if (step == 3 && kills >= 0 && ranks.Rank == faultRank && ranks.RestartCount < Number("--kill-rounds", 1))
    {
        KillAfter(new SeededRandom(SeededRandom.DeriveSeed((ulong)kills, (ulong)ranks.RestartCount)).NextInt32(30_000));
    }

    if (isGuilty && step == faultStep)
    {
        return Fail(batch);
    }

    return LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]);
}

// On a thread of its own, which spins: at any moment of what the others do.
void KillAfter(int microseconds)
{
    long begin = Stopwatch.GetTimestamp();
    new Thread(() =>
    {
        while (Stopwatch.GetElapsedTime(begin).TotalMicroseconds < microseconds)
        {
            Thread.SpinWait(10);
        }

        Process.GetCurrentProcess().Kill();
    }).Start();
}

Tensor Fail(TrainingBatch batch)
{
    switch (fault)
    {
        case "kill":
            Process.GetCurrentProcess().Kill();
            break;
        case "throw":
            throw new InvalidOperationException("this rank was told to fail");
        case "mismatch":
            ranks.Group!.AllReduce(Lepton.Torch.Torch.Ones([3, 5])).Wait();
            break;
        case "unwaited":
            _ = ranks.Group!.AllReduce(Lepton.Torch.Torch.Ones([3, 5]));
            break;
        case "hang":
            new ManualResetEventSlim().Wait();
            break;
        case "backward":
            return LossFunctions.CrossEntropy(
                new HangingLayer(1, isInBackward: true).Forward(model.Forward(batch[0])), batch[1]);
        case "validation":
            break;
        case "gradient":
            // Of a square root at 0.
            Tensor zero = (((Linear)model[0]).Weight.Value * 0).Pow(2).Sum();
            return LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]) + zero.Sqrt();
        case "weight":
            using (Lepton.Torch.Torch.NoGrad())
            {
                Init.Constant(((Linear)model[0]).Weight, double.NaN);
            }

            break;
        case "memory":
            Lepton.Torch.Torch.Empty([1L << 46]);
            break;
        case "activation":
            return LossFunctions.CrossEntropy(model.Forward(batch[0]).Abs().Negate().Log(), batch[1]);
        case "freeze":
            _ = NativeMethods.SendSignal(Environment.ProcessId, 19);
            break;
        default:
            return LossFunctions.CrossEntropy(model.Forward(batch[0] * double.NaN), batch[1]);
    }

    return LossFunctions.CrossEntropy(model.Forward(batch[0]), batch[1]);
}

int Number(string name, int otherwise) => int.Parse(
    Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

internal static class NativeMethods
{
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int SendSignal(int process, int signal);
}
