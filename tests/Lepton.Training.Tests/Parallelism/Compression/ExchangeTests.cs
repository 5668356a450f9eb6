using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Parallelism.Compression;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism.Compression;

/// <summary>What all exchanges promise, on several ranks, with buckets that change as a reducer's do.</summary>
public sealed class ExchangeTests : TrainingTest
{
    private static readonly TrainedParameter[] s_parameters =
    [
        new("weight", [48, 40]), new("bias", [48]), new("kernel", [8, 4, 3, 3]), new("scale", [1]),
    ];

    // First one bucket, then two in another order.
    private static readonly int[][] s_first = [[3, 2, 1, 0]];
    private static readonly int[][] s_later = [[3, 1], [2, 0]];

    public static TheoryData<string, int, double> Exact => new()
    {
        { "float16", 2, 2e-3 },
        { "float16", 3, 2e-3 },
        { "bfloat16", 2, 2e-2 },
        { "int8", 2, 2e-2 },
        { "int8", 3, 2e-2 },
    };

    public static TheoryData<string, int> WithFeedback => new()
    {
        { "top-k", 2 },
        { "top-k", 3 },
        { "sign", 2 },
        { "sign", 3 },
        { "power", 2 },
        { "power", 3 },
    };

    [Theory]
    [MemberData(nameof(Exact))]
    public void Reduce_EveryElement_IsNearlyTheMeanAndTheSameOnAllRanks(string kind, int ranks, double tolerance) =>
        GroupThreads.Run(ranks, group =>
        {
            var link = new ExchangeLink(group);
            using GradientExchange exchange = Of(kind).Open(link, s_parameters);
            for (int step = 0; step < 3; step++)
            {
                foreach (int[] places in step == 0 ? s_first : s_later)
                {
                    Tensor reduced = Reduce(exchange, group.Rank, step, places);

                    Tensor mean = MeanOf(ranks, step, places);
                    double difference = (reduced - mean).Abs().Max().ToDouble();
                    Assert.InRange(difference, 0, tolerance * mean.Abs().Max().ToDouble());
                    AssertSameOnAllRanks(group, reduced);
                }
            }
        });

    [Theory]
    [MemberData(nameof(WithFeedback))]
    public void Reduce_ErrorFeedback_SentAndLeftOutAreAll(string kind, int ranks) => GroupThreads.Run(ranks, group =>
    {
        using var noGrad = NoGrad();
        var link = new ExchangeLink(group);
        using GradientExchange exchange = Of(kind).Open(link, s_parameters);
        Tensor[] sent = [.. s_parameters.Select(static parameter => Zeros([parameter.Elements]))];
        Tensor[] given = [.. s_parameters.Select(static parameter => Zeros([parameter.Elements]))];
        for (int step = 0; step < 6; step++)
        {
            foreach (int[] places in step == 0 ? s_first : s_later)
            {
                Tensor reduced = Reduce(exchange, group.Rank, step, places);
                AssertSameOnAllRanks(group, reduced);
                AddUp(sent, reduced, places);
                AddUp(given, MeanOf(ranks, step, places), places);
            }
        }

        IReadOnlyDictionary<string, Tensor> state = exchange.ExportState();
        for (int place = 0; place < s_parameters.Length; place++)
        {
            TrainedParameter parameter = s_parameters[place];
            Tensor left = state[parameter.Name + ".residual"];
            Assert.Equal(parameter.Shape, left.Shape.ToArray());
            Assert.True(
                (sent[place] + left.Reshape(-1)).AllClose(given[place], 1e-4, 1e-4),
                $"{parameter.Name}: what was sent and what is left are not what was given");
        }

        Assert.True(state["weight.residual"].Abs().Max().ToDouble() > 1e-3, "nothing was left out");
    });

    [Theory]
    [MemberData(nameof(WithFeedback))]
    public void ImportState_OfOtherRanks_GoesOnWithWhatWasLeftOut(string kind, int ranks)
    {
        Dictionary<string, float[]> saved = [];
        GroupThreads.Run(2, group =>
        {
            using GradientExchange exchange = Of(kind).Open(new ExchangeLink(group), s_parameters);
            Reduce(exchange, group.Rank, 0, s_first[0]);
            IReadOnlyDictionary<string, Tensor> state = exchange.ExportState();
            if (group.Rank == 0)
            {
                saved = state.ToDictionary(
                    static part => part.Key, static part => part.Value.Contiguous().ToArray<float>());
            }
        });
        GroupThreads.Run(ranks, group =>
        {
            using GradientExchange exchange = Of(kind).Open(new ExchangeLink(group), s_parameters);
            Dictionary<string, long[]> shapes = s_parameters.ToDictionary(
                static parameter => parameter.Name + ".residual", static parameter => parameter.Shape);
            exchange.ImportState(saved.ToDictionary(
                static part => part.Key,
                part => From<float>(part.Value, shapes.TryGetValue(part.Key, out long[]? shape)
                    ? shape
                    : [part.Value.Length / 4, 4])));

            IReadOnlyDictionary<string, Tensor> again = exchange.ExportState();

            Assert.Equal(saved.Keys.Order(), again.Keys.Order());
            foreach ((string name, float[] values) in saved)
            {
                Assert.True(again[name].Reshape(-1).AllClose(From<float>(values), 1e-5, 1e-6), name);
            }
        });
    }

    [Theory]
    [InlineData("float16", 0.51)]
    [InlineData("bfloat16", 0.51)]
    [InlineData("int8", 0.28)]
    [InlineData("top-k", 0.11)]
    [InlineData("sign", 0.06)]
    [InlineData("power", 0.35)]
    public void Reduce_Wire_CarriesWhatIsClaimed(string kind, double fraction) => GroupThreads.Run(2, group =>
    {
        var link = new ExchangeLink(group);
        using GradientExchange exchange = Of(kind).Open(link, s_parameters);
        long before = group.BytesSent!.Value;
        Reduce(exchange, group.Rank, 0, s_first[0]);

        long plain = link.PlainBytes(s_parameters.Sum(static parameter => parameter.Elements));
        Assert.Equal(link.BytesSent, group.BytesSent.Value - before);
        Assert.InRange(link.BytesSent, 1, plain * fraction);
    });

    [Fact]
    public void Reduce_PowerSgdOfLowRank_IsExactWhenWarm() => GroupThreads.Run(2, group =>
    {
        using var noGrad = NoGrad();
        TrainedParameter[] parameters = [new("weight", [30, 20])];
        using GradientExchange exchange = new PowerSgdCompression { Rank = 2 }.Open(
            new ExchangeLink(group), parameters);

        // The ranks' gradients differ, their mean is of rank 2, the same in each step.
        using Generator random = Generator.FromSeed(11);
        Tensor mean = Randn([30, 2], generator: random).Mm(Randn([2, 20], generator: random)).View(-1);
        Tensor noise = Randn([600], generator: random) * (group.Rank == 0 ? 1 : -1);
        for (int step = 0; step < 4; step++)
        {
            Tensor flat = mean + noise;
            exchange.Reduce(new ExchangeBucket(flat, [0]));
            if (step > 0)
            {
                Assert.True(flat.AllClose(mean, 1e-3, 1e-3));
            }
        }
    });

    private static GradientCompression Of(string kind) => kind switch
    {
        "float16" => new Float16Compression(),
        "bfloat16" => new BFloat16Compression(),
        "int8" => new Int8Compression { BlockElements = 64 },
        "top-k" => new TopKCompression { Fraction = 0.05 },
        "sign" => new SignCompression { BlockElements = 128 },
        _ => new PowerSgdCompression { Rank = 4 },
    };

    private static Tensor Reduce(GradientExchange exchange, int rank, int step, int[] places)
    {
        Tensor flat = Gradients(rank, step, places);
        exchange.Reduce(new ExchangeBucket(flat, places));
        return flat;
    }

    private static Tensor Gradients(int rank, int step, int[] places) => Cat([.. places.Select(place =>
    {
        using Generator generator = Generator.FromSeed((ulong)((rank * 1000) + (step * 10) + place));
        return Randn([s_parameters[place].Elements], generator: generator);
    })]);

    private static Tensor MeanOf(int ranks, int step, int[] places)
    {
        Tensor sum = Gradients(0, step, places);
        for (int rank = 1; rank < ranks; rank++)
        {
            sum = sum + Gradients(rank, step, places);
        }

        return sum / ranks;
    }

    private static void AddUp(Tensor[] sums, Tensor flat, int[] places)
    {
        long start = 0;
        foreach (int place in places)
        {
            sums[place].AddInPlace(flat.Narrow(0, start, s_parameters[place].Elements));
            start += s_parameters[place].Elements;
        }
    }

    private static void AssertSameOnAllRanks(ProcessGroup group, Tensor tensor)
    {
        Tensor[] all = [.. Enumerable.Range(0, group.Size).Select(_ => EmptyLike(tensor))];
        using (Work work = group.AllGather(all, tensor))
        {
            work.Wait();
        }

        Assert.All(all, other => Assert.True(other.ContentEquals(tensor), string.Create(
            CultureInfo.InvariantCulture, $"rank {group.Rank} has other bits than another one")));
    }
}
