using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

public sealed class ProcessGroupTests : TorchTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(ReduceOperation.Sum, 6f, 60f)]
    [InlineData(ReduceOperation.Average, 2f, 20f)]
    [InlineData(ReduceOperation.Min, 1f, 10f)]
    [InlineData(ReduceOperation.Max, 3f, 30f)]
    [InlineData(ReduceOperation.Product, 6f, 6000f)]
    public void AllReduce_EachOperation_EveryRankHasTheResult(ReduceOperation operation, float first, float second) =>
        Ranks.Run(3, group =>
        {
            Tensor x = Torch.From(group.Rank + 1f, (group.Rank + 1f) * 10);

            using Work work = group.AllReduce(x, operation);
            work.Wait();

            Assert.Equal([first, second], x.ToArray<float>(), static (a, b) => Math.Abs(a - b) < 1e-4);
            Assert.True(work.IsCompleted);
        });

    [Fact]
    public void Progress_WhileARankWaits_TellsForWhom()
    {
        using var seen = new CountdownEvent(2);
        Ranks.Run(3, group =>
        {
            GroupProgress start = group.Progress;
            Assert.Equal(GroupProgress.Nobody, start.Awaited);
            if (group.Rank == 0)
            {
                // The others wait: one for a tensor from here, the other for a collective.
                Assert.True(seen.Wait(s_patience, TestContext.Current.CancellationToken), "they did not wait");
                group.Send(Torch.Ones([1]), 1).Wait();
            }
            else
            {
                Task<GroupProgress> looker = Task.Factory.StartNew(
                    () => WaitIn(group, start.Waits, seen), TestContext.Current.CancellationToken,
                    TaskCreationOptions.LongRunning, TaskScheduler.Default);
                using Work first = group.Rank == 1
                    ? group.Receive(Torch.Zeros([1]), 0)
                    : group.AllReduce(Torch.Ones([1]));
                first.Wait();
                GroupProgress waiting = looker.GetAwaiter().GetResult();
                Assert.Equal(group.Rank == 1 ? 0 : GroupProgress.Everybody, waiting.Awaited);
                Assert.Equal(group.Rank == 1 ? start.Begun : start.Begun + 2, waiting.Begun);
            }

            if (group.Rank != 2)
            {
                group.AllReduce(Torch.Ones([1])).Wait();
            }

            // A collective, and the sum that it is.
            Assert.Equal((start.Begun + 2, GroupProgress.Nobody), (group.Progress.Begun, group.Progress.Awaited));
        });
    }

    [Fact]
    public void Progress_WaitThatWasRefused_IsNoWait() => Ranks.Run(2, group =>
    {
        Work work = group.AllReduce(Torch.Ones([1]));
        work.Wait();
        work.Dispose();

        Assert.Throws<ObjectDisposedException>(() => work.Wait());
        Assert.Equal(GroupProgress.Nobody, group.Progress.Awaited);
    });

    [Fact]
    public void AllReduce_SeveralTensorsAndFourRanks_AllAreReduced() => Ranks.Run(4, group =>
    {
        Tensor[] tensors = [Torch.Ones([5]) * (group.Rank + 1), Torch.Ones([2, 2])];

        using Work work = group.AllReduce(tensors);
        work.Wait();

        Assert.Equal(50, tensors[0].Sum().ToDouble());
        Assert.Equal(16, tensors[1].Sum().ToDouble());
    });

    [Fact]
    public void AllReduce_ManyAtOnce_CompleteInAnyOrder() => Ranks.Run(2, group =>
    {
        Tensor[] tensors = [.. Enumerable.Range(0, 20).Select(i => Torch.Full([1000], i))];
        Work[] works = [.. tensors.Select(tensor => group.AllReduce(tensor))];

        foreach (Work work in works.Reverse())
        {
            work.Wait();
            work.Dispose();
        }

        Assert.All(tensors, static (tensor, i) => Assert.Equal(2 * i, tensor[0].ToDouble()));
    });

    [Fact]
    public void Broadcast_FromARoot_IsEverybodys() => Ranks.Run(3, group =>
    {
        Tensor x = Torch.Full([4], group.Rank);
        using Work work = group.Broadcast(x, root: 2);
        work.Wait();
        Assert.Equal(8, x.Sum().ToDouble());

        Tensor[] parameters = [Torch.Full([3], group.Rank), Torch.Full([2], group.Rank * 10, DType.Float64)];
        group.BroadcastCoalesced(parameters, root: 1);
        Assert.Equal(3, parameters[0].Sum().ToDouble());
        Assert.Equal(20, parameters[1].Sum().ToDouble());
    });

    [Fact]
    public void Gathers_AndScatter_GoByRank() => Ranks.Run(3, group =>
    {
        Tensor mine = Torch.Full([2], group.Rank);
        Tensor[] all = [Torch.Zeros([2]), Torch.Zeros([2]), Torch.Zeros([2])];
        group.AllGather(all, mine).Wait();
        Assert.Equal([0, 1, 2], all.Select(static part => part[0].ToInt64()));

        Tensor[] atRoot = group.Rank == 1 ? [Torch.Zeros([2]), Torch.Zeros([2]), Torch.Zeros([2])] : [];
        group.Gather(atRoot, mine, root: 1).Wait();
        Assert.All(atRoot, static (part, rank) => Assert.Equal(rank, part[1].ToInt64()));

        Tensor got = Torch.Zeros([2]);
        Tensor[] dealt = group.Rank == 0 ? [Torch.Full([2], 5), Torch.Full([2], 6), Torch.Full([2], 7)] : [];
        group.Scatter(got, dealt, root: 0).Wait();
        Assert.Equal(5 + group.Rank, got[0].ToInt64());
    });

    [Theory]
    [InlineData(ReduceOperation.Sum, 3)]
    [InlineData(ReduceOperation.Average, 1.5)]
    [InlineData(ReduceOperation.Max, 2)]
    public void ReduceScatter_OverGloo_EachRankHasItsPart(ReduceOperation operation, double expected) =>
        Ranks.Run(2, group =>
        {
            Tensor output = Torch.Zeros([3]);
            Tensor[] parts = [Torch.Full([3], group.Rank + 1), Torch.Full([3], (group.Rank + 1) * 10)];

            using Work work = group.ReduceScatter(output, parts, operation);
            work.Wait();

            Assert.Equal(expected * (group.Rank == 0 ? 1 : 10), output[2].ToDouble(), 1e-6);
        });

    [Fact]
    public void AllToAll_RowsOfDifferentCounts_ComeFromEachRank() => Ranks.Run(2, group =>
    {
        Tensor input = Torch.Arange(0, 3) + (group.Rank * 10);
        Tensor output = Torch.Zeros([group.Rank == 0 ? 2 : 4], DType.Int64);

        group.AllToAll(
            output, input, group.Rank == 0 ? [1, 1] : [2, 2], [1, 2]).Wait();

        Assert.Equal(group.Rank == 0 ? [0, 10] : [1, 2, 11, 12], output.ToArray<long>());
    });

    [Fact]
    public void SendAndReceive_ByTagAndFromAnyone_Arrive() => Ranks.Run(2, group =>
    {
        if (group.Rank == 0)
        {
            group.Send(Torch.Full([2], 7), 1, tag: 3).Wait();
            group.Send(Torch.Full([2], 8), 1, tag: 4).Wait();
            return;
        }

        Tensor x = Torch.Zeros([2]);
        group.Receive(x, 0, tag: 3).Wait();
        Assert.Equal(14, x.Sum().ToDouble());
        using Work fromAnyone = group.Receive(x, null, tag: 4);
        fromAnyone.Wait();
        Assert.Equal(0, fromAnyone.Source);
        Assert.Equal(16, x.Sum().ToDouble());
    });

    [Fact]
    public void Barrier_AllRanks_Return() => Ranks.Run(4, static group => group.Barrier().Wait());

    [Fact]
    public void Future_OfAllReduce_GoesOnInAFunction() => Ranks.Run(2, group =>
    {
        using Work work = group.AllReduce(Torch.Ones([3]));
        using TensorFuture future = work.ToFuture();
        using TensorFuture halved = future.Then(static sum => sum / 2);

        Assert.Equal([1, 1, 1], halved.Wait().ToArray<float>());
    });

    [Fact]
    public void Future_FunctionFails_WaitSaysSo()
    {
        using TensorFuture future = new();
        using TensorFuture next = future.Then(static _ => throw new FormatException("no"));
        Assert.False(next.IsCompleted);

        future.Complete(Vector(1));

        Assert.Throws<FormatException>(next.Wait);
        using TensorFuture failed = new();
        failed.Fail("out of luck");
        Assert.Contains("out of luck", Assert.Throws<CollectiveException>(failed.Wait).Message,
            StringComparison.Ordinal);
    }

    /// <summary>
    /// Trap 79: which collective it was is told, with its number, shape and rank, long before 30 minutes.
    /// </summary>
    [Fact]
    public void Wait_PeerDoesNotCome_NamesCollectiveSequenceAndShape() => Ranks.Run(
        2,
        static group =>
        {
            group.Barrier().Wait();
            if (group.Rank != 0)
            {
                return;
            }

            using Work work = group.AllReduce(Torch.Ones([2, 3]), timeout: TimeSpan.FromMilliseconds(300));
            var e = Assert.Throws<CollectiveException>(() => work.Wait());

            Assert.Equal(CollectiveFault.Timeout, e.Fault);
            Assert.StartsWith("all_reduce #2 (float32[2, 3]) of rank 0 failed: ", e.Message, StringComparison.Ordinal);
            Assert.Equal(new CollectiveInfo(2, "all_reduce", 0, "float32[2, 3]"), e.Collective);
        },
        Ranks.Options with { Timeout = TimeSpan.FromSeconds(3) });

    [Fact]
    public void OnStart_EachCollective_IsTold() => Ranks.Run(1, static group =>
    {
        List<string> told = [];
        group.OnStart = info => told.Add(info.ToString());

        group.AllReduce(Torch.Ones([2])).Wait();
        group.Barrier().Wait();

        Assert.Equal(["all_reduce #1 (float32[2]) of rank 0", "barrier #2 () of rank 0"], told);
        Assert.Equal(2, group.Started);
    });

    [Fact]
    public void Gloo_RankMissing_TimesOut()
    {
        using Store store = Store.InProcess(TimeSpan.FromMilliseconds(200));
        ProcessGroupOptions options = Ranks.Options with { Timeout = TimeSpan.FromMilliseconds(200) };

        var e = Assert.Throws<CollectiveException>(() => ProcessGroup.Gloo(store, 0, 2, options));

        Assert.StartsWith("Joining the group as rank 0 of 2 failed: ", e.Message, StringComparison.Ordinal);
        Assert.Equal(CollectiveFault.Timeout, e.Fault);
    }

    [Fact]
    public void Options_AllThatIsWrong_IsToldAtOnce()
    {
        using Store store = Store.InProcess();
        ProcessGroupOptions options = new() { Timeout = TimeSpan.Zero, Threads = 0 };

        var e = Assert.Throws<ArgumentException>(() => ProcessGroup.Gloo(store, 2, 2, options));

        Assert.Contains("Timeout is 00:00:00", e.Message, StringComparison.Ordinal);
        Assert.Contains("Threads is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("Rank 2 of 2 is none", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nccl_WithoutIt_SaysSo()
    {
        Assert.SkipWhen(TorchLibrary.HasBackend("nccl"), "This build has NCCL.");
        using Store store = Store.InProcess();

        var e = Assert.Throws<CollectiveException>(() => ProcessGroup.Nccl(store, 0, 1));

        Assert.Equal(CollectiveFault.Absent, e.Fault);
        Assert.Contains("this build has no NCCL", e.Message, StringComparison.Ordinal);
    }

    private static GroupProgress WaitIn(ProcessGroup group, long waitsBefore, CountdownEvent seen)
    {
        GroupProgress progress = default;
        Assert.True(
            SpinWait.SpinUntil(() => (progress = group.Progress).Waits > waitsBefore, s_patience), "it does not wait");
        seen.Signal();
        return progress;
    }
}
