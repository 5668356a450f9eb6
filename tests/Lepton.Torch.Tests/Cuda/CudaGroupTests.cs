using Lepton.Torch.Distributed;
using Lepton.Torch.Modules;
using Lepton.Torch.Tests.Distributed;

namespace Lepton.Torch.Tests.Cuda;

/// <summary>
/// Collectives of one rank over NCCL: a GPU takes one rank alone, so that these show what is called, and the fallback
/// of more ranks on one GPU.
/// </summary>
public sealed class CudaGroupTests : CudaTest
{
    private static readonly OrderedDictionary<string, Func<ProcessGroup, Tensor, Work>> s_collectives = new()
    {
        ["all_reduce"] = static (group, x) => group.AllReduce(x),
        ["all_reduce average"] = static (group, x) => group.AllReduce(x, ReduceOperation.Average),
        ["all_reduce several"] = static (group, x) => group.AllReduce([x]),
        ["reduce"] = static (group, x) => group.Reduce(x, 0),
        ["broadcast"] = static (group, x) => group.Broadcast(x, 0),
        ["all_gather"] = static (group, x) => group.AllGather([x], x.Clone()),
        ["reduce_scatter"] = static (group, x) => group.ReduceScatter(x, [x.Clone()]),
        ["all_to_all"] = static (group, x) => group.AllToAll(x, x.Clone()),
    };

    private Store? _store;

    public static TheoryData<string> Names => [.. s_collectives.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Collective_OfOneRank_LeavesItsTensor(string name)
    {
        using ProcessGroup group = Nccl();
        foreach (bool isTransposed in (bool[])[false, true])
        {
            Tensor x = Torch.Arange(0, 6, device: Gpu).To(DType.Float32).Reshape(2, 3);
            x = isTransposed ? x.T() : x;
            float[] before = x.ToArray<float>();

            using Work work = s_collectives[name](group, x);
            work.Wait();

            Assert.Equal(before, x.ToArray<float>());
        }
    }

    [Fact]
    public void Future_OfAllReduceOnTheGpu_GoesOnInAFunction()
    {
        using ProcessGroup group = Nccl();
        using Work work = group.AllReduce(Torch.Ones([3], device: Gpu));
        using TensorFuture future = work.ToFuture();
        using TensorFuture doubled = future.Then(static sum => sum * 2);

        Assert.Equal([2, 2, 2], doubled.Wait().ToArray<float>());
    }

    [Fact]
    public void Future_CompletedWithATensorOfTheGpu_GivesIt()
    {
        using var future = new TensorFuture(Gpu);
        using TensorFuture doubled = future.Then(static value => value * 2);

        future.Complete(Torch.Ones([2], device: Gpu));

        Assert.Equal([2, 2], doubled.Wait().ToArray<float>());
    }

    [Fact]
    public void GlooAndNccl_TensorsOfBothDevices_GoTheirWays()
    {
        using ProcessGroup group = Both();

        Assert.Equal("cpu:gloo,cuda:nccl", group.Backend);
        foreach (Device device in (Device[])[Device.Cpu, Gpu])
        {
            Tensor x = Torch.Full([3], 2, device: device);
            group.AllReduce(x).Wait();
            group.Broadcast(x, 0).Wait();
            Tensor part = Torch.Zeros([3], device: device);
            group.ReduceScatter(part, [x]).Wait();
            group.Barrier().Wait();
            group.BroadcastCoalesced([x]);

            Assert.Equal([2, 2, 2], part.ToArray<float>());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reducer_OnTheGpu_LeavesTheGradients(bool hasHook)
    {
        using ProcessGroup group = Both();
        using var model = new Linear(3, 2);
        model.To(Gpu);
        Tensor[] parameters = [.. model.Parameters().Select(static parameter => parameter.Value)];
        using Reducer reducer = Reducer.Create(parameters, group);
        if (hasHook)
        {
            reducer.SetHook(static bucket =>
            {
                var reduced = new TensorFuture(bucket.Buffer.Device);
                reduced.Complete(bucket.Buffer);
                return reduced;
            });
        }

        for (int step = 0; step < 3; step++)
        {
            model.ZeroGradients(toNull: false);
            reducer.BeforeForward();
            Tensor loss = model.Forward(Torch.Ones([4, 3], device: Gpu)).Sum();
            reducer.BeforeBackward(loss);
            loss.Backward();

            Assert.All(parameters, static parameter => Assert.Equal(
                4 * parameter.ElementCount, parameter.Grad!.Sum().ToDouble(), 1e-4));
        }
    }

    [Fact]
    public void AllReduce_TwoRanksOverGlooOnOneGpu_IsTheSum() => Ranks.Run(2, static group =>
    {
        Tensor x = Torch.Full([4], group.Rank + 1, device: Gpu);
        group.AllReduce(x).Wait();

        Assert.Equal(12, x.Sum().ToDouble());
    });

    protected override void OnDispose() => _store?.Dispose();

    private ProcessGroup Nccl()
    {
        RequireNccl();
        return ProcessGroup.Nccl(MeetingPlace(), 0, 1, Ranks.Options);
    }

    private ProcessGroup Both()
    {
        RequireNccl();
        return ProcessGroup.Gloo(MeetingPlace(), 0, 1, Ranks.Options with { UsesNccl = true });
    }

    private Store MeetingPlace() => _store ??= Store.InProcess(TimeSpan.FromSeconds(60));

    private static void RequireNccl() =>
        Assert.SkipUnless(TorchLibrary.HasBackend("nccl"), "The native library was built without NCCL.");
}
