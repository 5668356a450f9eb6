using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

public sealed class ReducerTests : TorchTest
{
    [Theory]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(4, true)]
    public void Backward_Replicas_GradientsAreTheMeanOfAll(int size, bool views) => Ranks.Run(size, group =>
    {
        Tensor[] parameters = Parameters();
        using Reducer reducer = Reducer.Create(
            parameters,
            group,
            new ReducerOptions { GradientsAsViews = views, BucketBytes = 64, FirstBucketBytes = 32 });

        // Buckets are made anew after the first step, so it takes two to see both.
        for (int step = 0; step < 3; step++)
        {
            Step(reducer, parameters, group.Rank + 1);
            double mean = (size + 1) / 2.0;
            Assert.All(parameters, parameter => Assert.Equal(mean, parameter.Grad!.Mean().ToDouble(), 1e-5));
            TensorGradients.ZeroGradients(parameters, toNull: false);
        }
    });

    [Fact]
    public void Backward_WithoutBeforeBackward_StaysLocal() => Ranks.Run(2, group =>
    {
        Tensor[] parameters = Parameters();
        using Reducer reducer = Reducer.Create(parameters, group);
        reducer.BeforeForward();
        Loss(parameters, group.Rank + 1).Backward();
        Assert.Equal(group.Rank + 1, parameters[0].Grad!.Mean().ToDouble(), 1e-6);

        Step(reducer, parameters, group.Rank + 1);

        Assert.Equal(3, parameters[0].Grad!.Mean().ToDouble(), 1e-6);
    });

    [Fact]
    public void Backward_ParameterUnusedOnOneRank_FoundAndAveraged() => Ranks.Run(2, group =>
    {
        Tensor[] parameters = Parameters();
        using Reducer reducer = Reducer.Create(parameters, group, new ReducerOptions { FindUnused = true });
        reducer.BeforeForward();
        Tensor loss = group.Rank == 0 ? parameters[0].Sum() : Loss(parameters, 1);
        reducer.BeforeBackward(loss);

        loss.Backward();

        Assert.Equal(1, parameters[0].Grad!.Mean().ToDouble(), 1e-6);
        Assert.Equal(0.5, parameters[1].Grad!.Mean().ToDouble(), 1e-6);
    });

    [Fact]
    public void Hook_Buckets_AreReducedByIt() => Ranks.Run(2, group =>
    {
        Tensor[] parameters = Parameters();
        using Reducer reducer = Reducer.Create(parameters, group);
        List<string> seen = [];
        reducer.SetHook(bucket =>
        {
            seen.Add($"{bucket.Index} {bucket.IsLast} {bucket.Parameters.Count} {bucket.Buffer.ElementCount}");
            using Work work = group.AllReduce(bucket.Buffer);
            using TensorFuture sum = work.ToFuture();
            return sum.Then(static reduced => reduced * 10);
        });

        Step(reducer, parameters, group.Rank + 1);

        Assert.Equal(["0 True 3 20"], seen);
        Assert.All(parameters, static parameter => Assert.Equal(30, parameter.Grad!.Mean().ToDouble(), 1e-5));
    });

    [Fact]
    public void Hook_Throws_ComesOutOfBackward() => Ranks.Run(1, group =>
    {
        Tensor[] parameters = Parameters();
        using Reducer reducer = Reducer.Create(parameters, group);
        reducer.SetHook(static _ => throw new FormatException("from the hook"));

        Assert.Equal(
            "from the hook", Assert.Throws<FormatException>(() => Step(reducer, parameters, 1)).Message);
    });

    [Fact]
    public void CompressToFloat16_Gradients_AreNearlyTheMean()
    {
        Ranks.RequireHalves();
        Ranks.Run(2, group =>
        {
            Tensor[] parameters = Parameters();
            using Reducer reducer = Reducer.Create(parameters, group);
            reducer.CompressToFloat16();

            Step(reducer, parameters, group.Rank + 1);

            Assert.All(parameters, static parameter => Assert.Equal(1.5, parameter.Grad!.Mean().ToDouble(), 1e-2));
        });
    }

    [Fact]
    public void Create_ParametersDiffer_EveryRankNamesTheOther() => Ranks.Run(2, static group =>
    {
        Tensor parameter = Torch.Ones([group.Rank + 2]);
        parameter.RequiresGrad = true;

        var e = Assert.Throws<CollectiveException>(() => Reducer.Create([parameter], group));

        Assert.Contains(
            $"rank {group.Rank} has 1 parameters, and other ones than rank {1 - group.Rank} (1 parameters)", e.Message,
            StringComparison.Ordinal);
    });

    private static Tensor[] Parameters()
    {
        Tensor[] parameters = [Torch.Ones([2, 3]), Torch.Ones([10]), Torch.Ones([4])];
        foreach (Tensor parameter in parameters)
        {
            parameter.RequiresGrad = true;
        }

        return parameters;
    }

    private static Tensor Loss(Tensor[] parameters, float factor) =>
        (parameters[0].Sum() + parameters[1].Sum() + parameters[2].Sum()) * factor;

    private static void Step(Reducer reducer, Tensor[] parameters, float factor)
    {
        reducer.BeforeForward();
        Tensor loss = Loss(parameters, factor);
        reducer.BeforeBackward(loss);
        loss.Backward();
    }
}
