// A parameter server, a worker of one, or the same training in a single process:
//
//   Lepton.ParameterProgram server --pids FOLDER [the options of lepton parameter-server]
//   Lepton.ParameterProgram worker|alone --out FILE [--mode synchronous|asynchronous|staleness] [--staleness N]
//                           [--optimizer sgd|adagrad|adam] [--steps N] [--local N] [--pids FOLDER]
//                           [--fault none|kill|kill-server] [--fault-worker N] [--fault-step N]
//
// Workers write the model behind the last step to FILE, worker 0 alone.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Lepton.Core.Randomness;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Serialization;
using Lepton.Training.ParameterServer;
using Lepton.Training.ParameterServer.Launching;
using static Lepton.Torch.Torch;

const int BatchSize = 24;
int steps = int.Parse(Option("--steps", "30"), CultureInfo.InvariantCulture);
int local = int.Parse(Option("--local", "1"), CultureInfo.InvariantCulture);
if (args[0] == "server")
{
    return await ServeAsync();
}

ManualSeed(7);
using var model = new Sequential(new Linear(20, 16), new ReLU(), new Linear(16, 3));
return args[0] == "alone" ? TrainAlone() : await TrainAsync();

async Task<int> ServeAsync()
{
    IPEndPoint endPoint = IPEndPoint.Parse(Option(ServerArguments.Listen, "127.0.0.1:0"));
    string peer = Option(ServerArguments.Peer, "");
    var settings = new ParameterServerSettings
    {
        EndPoint = endPoint,
        Token = Environment.GetEnvironmentVariable(ParameterClientOptions.TokenVariable)!,
        Peer = peer.Length == 0 ? null : new Uri(peer),
        HasBackup = args.Contains(ServerArguments.Backup),
        IsRestarted = args.Contains(ServerArguments.Restarted),
        WorkerLease = TimeSpan.FromSeconds(
            double.Parse(Option(ServerArguments.WorkerLease, "10"), CultureInfo.InvariantCulture)),
    };
    string kind = settings.Peer is null ? "primary" : "backup";
    await File.WriteAllTextAsync(
        Path.Combine(
            Option("--pids", "."), string.Create(CultureInfo.InvariantCulture, $"{kind}-{Environment.ProcessId}")),
        "");
    await ParameterServerHost.RunAsync(settings, untilInputEnds: true);
    return 0;
}

int TrainAlone()
{
    using Optimizer optimizer = Option("--optimizer", "sgd") switch
    {
        "adagrad" => new Adagrad(model, (AdagradOptions)OptimizerOptions()),
        "adam" => new Adam(model, (AdamOptions)OptimizerOptions()),
        _ => new SGD(model, (SgdOptions)OptimizerOptions()),
    };
    for (int step = 0; step < steps; step++)
    {
        using var scope = new TensorScope();
        LossOf(step, 0, 1).Backward();
        optimizer.Step();
        optimizer.ZeroGradients();
    }

    Finish();
    return 0;
}

async Task<int> TrainAsync()
{
    await using var servers = new ParameterClient(ParameterClientOptions.FromEnvironment());
    await servers.AttachAsync(model, new ParameterServerOptions
    {
        Mode = Option("--mode", "synchronous") switch
        {
            "asynchronous" => UpdateMode.Asynchronous,
            "staleness" => UpdateMode.BoundedStaleness,
            _ => UpdateMode.Synchronous,
        },
        Staleness = int.Parse(Option("--staleness", "2"), CultureInfo.InvariantCulture),
        Optimizer = OptimizerOptions(),
        SliceElementsMax = 64,
    });
    while (servers.Clock < steps)
    {
        await servers.PullAsync();
        await FailAsync(servers);
        if (local == 1)
        {
            BackwardAt((int)servers.Clock, servers);
            await servers.PushAsync(weight: BatchSize / servers.Workers);
        }
        else
        {
            StepsOfItsOwn(servers);
            await servers.PushDifferenceAsync();
        }
    }

    await servers.PullAsync();
    if (servers.Worker == 0)
    {
        Finish();
    }

    return 0;
}

void BackwardAt(int step, ParameterClient servers)
{
    using var scope = new TensorScope();
    LossOf(step, servers.Worker, servers.Workers).Backward();
}

void StepsOfItsOwn(ParameterClient servers)
{
    using var optimizer = new SGD(model, new SgdOptions { LearningRate = 0.1 });
    for (int i = 0; i < local; i++)
    {
        using var scope = new TensorScope();
        LossOf(((int)servers.Clock * local) + i, servers.Worker, servers.Workers).Backward();
        optimizer.Step();
        optimizer.ZeroGradients();
    }
}

OptimizerOptions OptimizerOptions() => Option("--optimizer", "sgd") switch
{
    "adagrad" => new AdagradOptions { LearningRate = 0.05 },
    "adam" => new AdamOptions { LearningRate = 0.01 },
    "plain" => new SgdOptions { LearningRate = 1 },
    _ => new SgdOptions { LearningRate = 0.05, Momentum = 0.9 },
};

async Task FailAsync(ParameterClient servers)
{
    if (servers.Worker != int.Parse(Option("--fault-worker", "1"), CultureInfo.InvariantCulture)
        || servers.Clock != int.Parse(Option("--fault-step", "9"), CultureInfo.InvariantCulture))
    {
        return;
    }

    switch (Option("--fault", "none"))
    {
        case "kill":
            Process.GetCurrentProcess().Kill();
            break;
        case "kill-server":
            foreach (string path in Directory.GetFiles(Option("--pids", "."), "primary-*"))
            {
                using Process server = Process.GetProcessById(
                    int.Parse(Path.GetFileName(path).Split('-')[1], CultureInfo.InvariantCulture));
                server.Kill();
                await server.WaitForExitAsync();
            }

            break;
    }
}

// The loss on a worker's part of a step's batch: points in 20 dimensions, of which the largest of the first three tells
// the class.
Tensor LossOf(int step, int worker, int workers)
{
    var random = new SeededRandom(SeededRandom.DeriveSeed(5, (ulong)step));
    var inputs = new List<float>();
    var classes = new List<long>();
    for (int sample = 0; sample < BatchSize; sample++)
    {
        float[] point = [.. Enumerable.Range(0, 20).Select(_ => (float)random.NextGaussian())];
        if (sample % workers == worker)
        {
            inputs.AddRange(point);
            classes.Add(Array.IndexOf(point, point[..3].Max()));
        }
    }

    Tensor x = From<float>(inputs.ToArray(), classes.Count, 20);
    return LossFunctions.CrossEntropy(model.Forward(x), From<long>(classes.ToArray()));
}

void Finish()
{
    using var scope = new TensorScope();
    using var noGrad = NoGrad();
    double loss = Enumerable.Range(1000, 20).Average(step => LossOf(step, 0, 1).ToDouble());
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loss {loss:R}"));
    Safetensors.Save(Option("--out", "model.safetensors"), model.StateDict());
}

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
