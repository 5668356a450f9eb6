using Lepton.Torch;
using Lepton.Torch.Optimizers;
using Lepton.Training.ParameterServer;
using Lepton.Training.ParameterServer.Serving;
using Lepton.Training.Protocol;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.ParameterServer;

public sealed class ServerStateTests : TrainingTest
{
    public static TheoryData<string> Optimizers => ["sgd", "nesterov", "adagrad", "adam", "amsgrad", "adamw"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Import_StateOfAnyOptimizer_GoesOnBitForBit(string optimizer)
    {
        using var scope = new TensorScope();
        using ServerState first = New(optimizer);
        Push(first, 0, 0, 1);
        Push(first, 1, 0, 2);
        Push(first, 0, 1, 3);

        (List<Chunk> chunks, State state) = first.Export(7);
        using ServerState second = ServerState.Import(chunks, State.Parser.ParseFrom(
            Google.Protobuf.MessageExtensions.ToByteArray(state)));
        Push(first, 1, 1, 4);
        Push(second, 1, 1, 4);

        Assert.Equal(7, state.Sequence);
        Assert.Equal(first.Workers, second.Workers);
        Assert.Equal(first.Values(), second.Values());
        Assert.Equal(first.Export(0).Chunks, second.Export(0).Chunks);
        Assert.Equal(first.Export(0).State, second.Export(0).State);
    }

    [Fact]
    public void Step_TwoWorkers_AsTheMeanOfTheirGradients()
    {
        using var scope = new TensorScope();
        using ServerState state = New("plain");

        Push(state, 0, 0, 1, weight: 3);
        Push(state, 1, 0, 5, weight: 1);

        // The values begin at 0, the rate is 1.
        Assert.Equal([-2, -2, -2], ValuesOf(state));
    }

    [Fact]
    public void Step_LearningRateOfAPush_IsTheStepsOwn()
    {
        using var scope = new TensorScope();
        using ServerState state = New("plain", workers: 1);

        Push(state, 0, 0, 1, rate: 0.5);
        Push(state, 0, 1, 1);

        Assert.Equal([-1, -1, -1], ValuesOf(state));
    }

    [Fact]
    public void Step_SentAgain_IsAppliedOnce()
    {
        using var scope = new TensorScope();
        using ServerState state = New("plain", workers: 1);

        Push(state, 0, 0, 1);
        Push(state, 0, 0, 1);

        Assert.Equal([-1, -1, -1], ValuesOf(state));
    }

    private static ServerState New(string optimizer, int workers = 2)
    {
        OptimizerOptions options = optimizer switch
        {
            "nesterov" => new SgdOptions { Momentum = 0.9, Nesterov = true, WeightDecay = 0.1, L1Penalty = 0.01 },
            "adagrad" => new AdagradOptions { InitialAccumulator = 0.1, LearningRateDecay = 0.1 },
            "adam" => new AdamOptions { WeightDecay = 0.1 },
            "amsgrad" => new AdamOptions { Amsgrad = true, Beta1 = 0.8 },
            "adamw" => new AdamWOptions(),
            "plain" => new SgdOptions { LearningRate = 1 },
            _ => new SgdOptions { Momentum = 0.9, Dampening = 0.1 },
        };
        var configuration = new Configuration
        {
            Mode = (int)UpdateMode.Synchronous, Workers = workers, Elements = 3, Fingerprint = 1,
        };
        OptimizerText.Write(options, configuration);
        var state = new ServerState(configuration);
        state.Step(new Entry { Initial = new Initial() }, Zeros([3]).Persist());
        return state;
    }

    private static void Push(
        ServerState state, int worker, long clock, float gradient, double weight = 1, double rate = -1) => state.Step(
        new Entry
        {
            Pushed = new Pushed
            {
                Worker = worker,
                Gradients = new Gradients { Clock = clock, Weight = weight, LearningRate = rate },
            },
        },
        Full([3], gradient).Persist());

    private static float[] ValuesOf(ServerState state)
    {
        float[] values = new float[3];
        foreach (Chunk chunk in state.Values())
        {
            ShareChunks.Fill(values, chunk);
        }

        return values;
    }
}
