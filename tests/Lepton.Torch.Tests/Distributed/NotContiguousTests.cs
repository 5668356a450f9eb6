using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>Collectives take tensors whose elements lie in any order, and nothing around them changes.</summary>
public sealed class NotContiguousTests : TorchTest
{
    private const int Size = 3;
    private const float Around = -7;

    private static readonly OrderedDictionary<string, ProcessGroupOptions> s_ways = new()
    {
        ["shared memory"] = Ranks.Options,
        ["sockets"] = Ranks.Options with { SharesMemory = false },
        ["sockets at a rate"] = Ranks.Options with { SendBytesPerSecondMax = 100_000_000 },
    };

    // Each starts a collective on tensors that it has made by the layout, and gives what the collective writes.
    private static readonly OrderedDictionary<string, Func<ProcessGroup, Layout, (Work[] Works, Tensor[] Results)>>
        s_collectives = new()
        {
            ["all_reduce"] = static (group, made) => Of(made.Of(group.Rank), x => group.AllReduce(x)),
            ["all_reduce average"] = static (group, made) =>
                Of(made.Of(group.Rank), x => group.AllReduce(x, ReduceOperation.Average)),
            ["all_reduce maximum"] = static (group, made) =>
                Of(made.Of(group.Rank), x => group.AllReduce(x, ReduceOperation.Max)),
            ["all_reduce several"] = static (group, made) =>
            {
                Tensor[] tensors = [made.Of(group.Rank), made.Of(10 * group.Rank)];
                return ([group.AllReduce(tensors)], tensors);
            },
            ["reduce"] = static (group, made) =>
            {
                Tensor x = made.Of(group.Rank);
                return ([group.Reduce(x, 1)], group.Rank == 1 ? [x] : []);
            },
            ["broadcast"] = static (group, made) => Of(made.Of(group.Rank), x => group.Broadcast(x, 2)),
            ["all_gather"] = static (group, made) =>
            {
                Tensor[] all = made.Each(0);
                return ([group.AllGather(all, made.Of(group.Rank))], all);
            },
            ["gather"] = static (group, made) =>
            {
                Tensor[] all = group.Rank == 1 ? made.Each(0) : [];
                return ([group.Gather(all, made.Of(group.Rank), 1)], all);
            },
            ["scatter"] = static (group, made) =>
                Of(made.Of(0), x => group.Scatter(x, group.Rank == 1 ? made.Each(5) : [], 1)),
            ["reduce_scatter"] = static (group, made) =>
                Of(made.Of(0), x => group.ReduceScatter(x, made.Each(group.Rank))),
            ["all_to_all"] = static (group, made) =>
                Of(made.Of(0), x => group.AllToAll(x, made.Of(group.Rank))),
            ["send and receive"] = static (group, made) =>
            {
                Tensor x = made.Of(0);
                Work receive = group.Receive(x, (group.Rank + Size - 1) % Size);
                return ([receive, group.Send(made.Of(4 + group.Rank), (group.Rank + 1) % Size)], [x]);
            },
        };

    public static TheoryData<string, string, bool> Cases()
    {
        var cases = new TheoryData<string, string, bool>();
        foreach (string collective in s_collectives.Keys)
        {
            foreach (string way in s_ways.Keys)
            {
                cases.Add(collective, way, false);
                if (collective is not ("reduce_scatter" or "send and receive"))
                {
                    cases.Add(collective, way, true);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Collective_TransposedParts_IsAsOfContiguousTensors(string collective, string way, bool isFuture)
    {
        if (s_ways[way].SendBytesPerSecondMax is not null)
        {
            RequireOwnGloo();
        }

        Ranks.Run(
            Size,
            group =>
            {
                var plain = new Layout(static tensor => tensor);
                var parts = new Layout(static tensor =>
                {
                    // [3, 4] within [6, 5]: neither dense nor in order.
                    Tensor whole = Torch.Full([6, 5], Around);
                    Tensor part = whole.T()[1..4, 1..5];
                    part.CopyFrom(tensor);
                    return part;
                });

                Tensor[] expected = Run(collective, group, plain, isFuture);
                Tensor[] actual = Run(collective, group, parts, isFuture);

                Assert.Equal(expected.Length, actual.Length);
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.False(actual[i].IsContiguous);
                    Assert.Equal(expected[i].ToArray<float>(), actual[i].ToArray<float>());
                }

                Assert.All(parts.Made, static part =>
                    Assert.Equal(18 * Around, Whole(part).Sum().ToDouble() - part.Sum().ToDouble()));
            },
            s_ways[way]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BroadcastCoalesced_TransposedTensors_AreTheRoots(bool shares) => Ranks.Run(
        2,
        static group =>
        {
            Tensor x = Torch.Arange(0, 6).Reshape(2, 3).T() * (group.Rank + 1);

            group.BroadcastCoalesced([x], root: 1);

            Assert.Equal([0, 6, 2, 8, 4, 10], x.ToArray<long>());
        },
        Ranks.Options with { SharesMemory = shares });

    [Fact]
    public void AllReduce_ElementsThatAreOne_SaysSo() => Ranks.Run(1, static group =>
    {
        Tensor x = Torch.Zeros([3, 1]).Expand(3, 2);

        var e = Assert.Throws<CollectiveException>(() => group.AllReduce(x));

        Assert.Contains("single memory location", e.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Wait_SeveralTimes_LaterChangesStay() => Ranks.Run(2, static group =>
    {
        Tensor x = Torch.Ones([2, 3]).T();
        using Work work = group.AllReduce(x);
        work.Wait();
        x.ZeroInPlace();

        work.Wait();

        Assert.Equal(0, x.Sum().ToDouble());
    });

    private static Tensor[] Run(string collective, ProcessGroup group, Layout layout, bool isFuture)
    {
        (Work[] works, Tensor[] results) = s_collectives[collective](group, layout);
        foreach (Work work in works)
        {
            if (isFuture && results.Length > 0)
            {
                using TensorFuture future = work.ToFuture();
                results[0] = future.Wait();
            }
            else
            {
                work.Wait();
            }

            work.Dispose();
        }

        return results;
    }

    private static (Work[] Works, Tensor[] Results) Of(Tensor result, Func<Tensor, Work> start) =>
        ([start(result)], [result]);

    // All of the memory that the part lies in.
    private static Tensor Whole(Tensor part) =>
        Torch.Call("aten::as_strided", part, new long[] { 30 }, new long[] { 1 }, 0);

    /// <summary>Makes tensors [3, 4] whose elements lie in memory as a function has them lie.</summary>
    private sealed class Layout(Func<Tensor, Tensor> lay)
    {
        private readonly List<Tensor> _made = [];

        public IReadOnlyList<Tensor> Made => _made;

        public Tensor Of(int from)
        {
            Tensor tensor = lay(Torch.Arange(from, from + 12).To(DType.Float32).Reshape(3, 4));
            _made.Add(tensor);
            return tensor;
        }

        public Tensor[] Each(int from) => [.. Enumerable.Range(0, Size).Select(rank => Of(from + (100 * rank)))];
    }
}
