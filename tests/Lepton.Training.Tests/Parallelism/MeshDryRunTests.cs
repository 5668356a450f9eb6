using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism;

public sealed class MeshDryRunTests : TrainingTest
{
    private static readonly LayerProfile[] s_layers =
    [
        new("a", [400, 100], 1000, 80, 0, 1), new("b", [600], 2000, 80, 32, 2), new("c", [300, 300], 3000, 40, 32, 3),
    ];

    [Fact]
    public void Of_TwoByTwoByTwo_CountsWhatIsHeldAndSent()
    {
        var shape = new MeshShape(2, 2, 2);

        IReadOnlyList<RankPlan> plans = MeshDryRun.Of(
            shape, [s_layers, s_layers], new DryRunOptions { Starts = [0, 2], Parts = 4, ShardsOptimizer = true });

        Assert.Equal(8, plans.Count);
        RankPlan first = plans[0];
        Assert.Equal((0, 2), (first.FirstLayer, first.Layers));
        Assert.Equal(1100, first.ParameterBytes);
        Assert.Equal(1100, first.GradientBytes);

        // The largest parameter and its two moments are one data rank's, the other two the other's.
        Assert.Equal(2 * 600, first.OptimizerBytes);
        Assert.Equal(2 * 500, plans[shape.RankOf(new MeshPlace(1, 0, 0))].OptimizerBytes);

        // Two parts are on their way at once in the first of two stages.
        Assert.Equal(2 * 3000, first.ActivationBytes);
        Assert.Equal(3 * 1100 / 2, first.DataBytesSent);
        Assert.Equal(4 * 32, first.TensorBytesSent);
        Assert.Equal(4 * (80 + 80), first.PipelineBytesSent);
        RankPlan last = plans[^1];
        Assert.Equal(1 * (80 + 3000), last.ActivationBytes);
        Assert.Equal(4 * (80 + 80), last.PipelineBytesSent);
        string[] lines = MeshDryRun.Describe(plans).TrimEnd('\n').Split('\n');
        Assert.Equal(9, lines.Length);
        Assert.StartsWith("   0  0,0,0  a..b  ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("   7  1,1,1  c     ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_GPipe_HoldsAllParts()
    {
        IReadOnlyList<RankPlan> plans = MeshDryRun.Of(
            new MeshShape(1, 1, 2), [s_layers],
            new DryRunOptions { Starts = [0, 2], Parts = 4, Schedule = PipelineScheduleKind.GPipe });

        Assert.Equal(4 * 3000, plans[0].ActivationBytes);
        Assert.Equal(0, plans[0].DataBytesSent);
    }

    [Fact]
    public void Measure_PlannedAxis_CountsWhatRanksThenSend()
    {
        using var scope = new TensorScope();
        Tensor input = Ones([2, 4]);
        long planned = Sent(DeviceMesh.Planned(new MeshShape(1, 2, 1), default), input)[0].TensorBytesSent;

        ThreadRanks.Run(2, axis =>
        {
            using Module<Tensor, Tensor> layer = TwoLinears(axis);
            Tensor x = Ones([2, 4]);
            x.RequiresGrad = true;
            layer.Forward(x).Sum().Backward();
            Assert.Equal(planned, axis.BytesSent);
        });

        // The sum of [2, 3] in forward and of [2, 4] in backward, of 4 bytes each, 2 (n - 1) / n times.
        Assert.Equal((6 + 8) * 4, planned);
    }

    [Fact]
    public void Measure_Layer_ActivationsAreWhatForwardMakes()
    {
        using var scope = new TensorScope();

        LayerProfile profile = Assert.Single(PipelineProfile.Measure(
            DeviceMesh.Alone(), [new PipelineLayer("fc", static () => new Linear(4, 3))], Ones([2, 4])));

        Assert.Equal([4 * 3 * 4, 3 * 4], profile.ParameterBytes);
        Assert.Equal(2 * 3 * 4, profile.OutputBytes);
        Assert.Equal(2 * 3 * 4, profile.ActivationBytes);
        Assert.True(profile.Seconds > 0);
    }

    private static IReadOnlyList<LayerProfile> Sent(DeviceMesh mesh, Tensor input) => PipelineProfile.Measure(
        mesh, [new PipelineLayer("two", () => TwoLinears(mesh.TensorAxis))], input);

    private static Sequential TwoLinears(MeshAxis axis) =>
        new(new ColumnParallelLinear(axis, 4, 6), new RowParallelLinear(axis, 6, 3));
}
