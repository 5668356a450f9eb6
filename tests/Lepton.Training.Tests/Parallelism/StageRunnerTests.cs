using Lepton.Torch;
using Lepton.Torch.Autograd;
using Lepton.Torch.Modules;
using Lepton.Training.Data;
using Lepton.Training.Parallelism;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>Stages that are threads, against the whole model.</summary>
public sealed class StageRunnerTests : TrainingTest
{
    private const int Layers = 5;
    private const int Samples = 7;

    // The default generator is the process's: ranks that are threads draw one after the other.
    private static readonly Lock s_drawing = new();

    [Theory]
    [InlineData(PipelineScheduleKind.GPipe, 2, 1)]
    [InlineData(PipelineScheduleKind.GPipe, 3, 4)]
    [InlineData(PipelineScheduleKind.OneForwardOneBackward, 2, 3)]
    [InlineData(PipelineScheduleKind.OneForwardOneBackward, 3, 4)]
    [InlineData(PipelineScheduleKind.OneForwardOneBackward, 3, 7)]
    public void Run_UnequalParts_GradientsAsTheWholeModel(PipelineScheduleKind kind, int stages, int parts)
    {
        long before = SettledCount();
        ThreadRanks.Run(stages, axis =>
        {
            using Pipeline whole = Make(MeshAxis.Alone("pipeline"));
            using Pipeline stage = Make(axis);
            using TrainingBatch batch = Batch();
            whole.Loss(batch).Backward();

            new StageRunner(stage, kind, null).Run(parts, part =>
            {
                int start = Samples * part / parts;
                TrainingBatch own = batch.Part(start, (Samples * (part + 1) / parts) - start);
                Tensor output = stage.Loss(own);
                return stage.IsLast ? output * ((double)own.Size / Samples) : output;
            });

            Dictionary<string, Parameter> all = ByName(whole);
            Assert.NotEmpty(stage.NamedParameters());
            foreach (NamedParameter named in stage.NamedParameters())
            {
                Assert.True(
                    all[named.Name].Grad!.AllClose(named.Parameter.Grad!, absolute: 1e-6), $"{named.Name} differs");
            }
        }, "pipeline");

        Assert.Equal(before, SettledCount());
    }

    [Fact]
    public void Forward_ThreeStages_EachHasTheOutput() => ThreadRanks.Run(3, axis =>
    {
        using Pipeline whole = Make(MeshAxis.Alone("pipeline"));
        using Pipeline stage = Make(axis);
        using TrainingBatch batch = Batch();
        using GradModeScope noGrad = NoGrad();

        Assert.True(whole.Forward(batch[0]).ContentEquals(stage.Forward(batch[0])));
    }, "pipeline");

    [Fact]
    public void Loss_OutsideOfAStep_SaysWhatIsMissing() => ThreadRanks.Run(2, axis =>
    {
        using Pipeline stage = Make(axis);
        using TrainingBatch batch = Batch();
        if (axis.Rank == 1)
        {
            Assert.Contains(
                "within a step alone", Assert.Throws<InvalidOperationException>(() => stage.Loss(batch)).Message,
                StringComparison.Ordinal);
        }
    }, "pipeline");

    [Fact]
    public void Make_StartsThatDontFit_SaysWhatIsExpected()
    {
        DeviceMesh mesh = DeviceMesh.Planned(new MeshShape(1, 1, 2), default);

        Assert.Contains(
            "Stages begin at layers [0, 5]; expected 2 numbers",
            Assert.Throws<ArgumentException>(() => new Pipeline(mesh, Row(), Loss, [0, 5])).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a", "Two layers have the name 'a'")]
    [InlineData("a", "a.b", "the name 'a', which others' names begin with")]
    public void Make_NamesThatClash_SaysSo(string first, string second, string message)
    {
        PipelineLayer[] layers =
        [
            new(first, static () => new Linear(2, 2)), new(second, static () => new Linear(2, 2)),
        ];

        Assert.Contains(
            message, Assert.Throws<ArgumentException>(() => new Pipeline(DeviceMesh.Alone(), layers, Loss)).Message,
            StringComparison.Ordinal);
    }

    private static Pipeline Make(MeshAxis axis)
    {
        lock (s_drawing)
        {
            ManualSeed(3);
            return new Pipeline(
                DeviceMesh.Of(MeshAxis.Alone("data"), MeshAxis.Alone("tensor"), axis), Row(), Loss);
        }
    }

    private static IReadOnlyList<PipelineLayer> Row() =>
        [.. Enumerable.Range(0, Layers).Select(static i => new PipelineLayer(
            $"h.{i}", static () => new Sequential(new Linear(4, 4), new Tanh())))];

    private static Tensor Loss(Tensor output, TrainingBatch batch) => LossFunctions.MseLoss(output, batch[1]);

    private static TrainingBatch Batch()
    {
        using Generator generator = Generator.FromSeed(5);
        return new TrainingBatch(
            default, [.. Enumerable.Range(0, Samples).Select(static i => (long)i)], Samples,
            [Randn([Samples, 4], generator: generator), Randn([Samples, 4], generator: generator)], isPadding: false);
    }

    private static Dictionary<string, Parameter> ByName(Module model) => model.NamedParameters().ToDictionary(
        static named => named.Name, static named => named.Parameter, StringComparer.Ordinal);
}
