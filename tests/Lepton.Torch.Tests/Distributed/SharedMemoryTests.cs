using Lepton.Torch.Distributed;

namespace Lepton.Torch.Tests.Distributed;

/// <summary>Sums through shared memory are those of Gloo; which way it went must not show.</summary>
public sealed class SharedMemoryTests : TorchTest
{
    // One round of one meeting, of two, several rounds, and sizes that divide by nothing.
    private static readonly long[] s_sizes = [0, 1, 1023, 4096, 4097, 65_536, 65_537, 300_001];

    [Theory]
    [InlineData(2, DType.Float32, true)]
    [InlineData(3, DType.Float32, true)]
    [InlineData(4, DType.Float64, true)]
    [InlineData(2, DType.Int64, true)]
    [InlineData(3, DType.Int32, true)]
    [InlineData(2, DType.Float16, true)]
    [InlineData(2, DType.UInt8, true)]
    [InlineData(3, DType.Float32, false)]
    public void AllReduce_SizesAndDTypes_AreExactSums(int size, DType dtype, bool shares)
    {
        if (dtype == DType.Float16)
        {
            Ranks.RequireHalves();
        }

        Ranks.Run(
            size,
            group =>
            {
                foreach (long count in s_sizes)
                {
                    Tensor mine = Pattern(count, group.Rank, dtype);
                    Tensor expected = Torch.Zeros([count], dtype);
                    for (int rank = 0; rank < group.Size; rank++)
                    {
                        expected.AddInPlace(Pattern(count, rank, dtype));
                    }

                    using Work work = group.AllReduce(mine);
                    work.Wait();

                    Assert.True(mine.ContentEquals(expected), $"{count} elements of {dtype}");
                }
            },
            Ranks.Options with { SharesMemory = shares });
    }

    [Fact]
    public void AllReduce_NotContiguous_IsReducedInPlace() => Ranks.Run(2, static group =>
    {
        Tensor whole = Torch.Zeros([4, 6]);
        Tensor part = whole.T()[1..3];
        part.AddInPlace(group.Rank + 1);

        group.AllReduce(part).Wait();

        Assert.Equal(3 * 8, whole.Sum().ToDouble());
        Assert.Equal([0, 3, 3, 0, 0, 0], whole[3].ToArray<float>());
    });

    [Fact]
    public void AllReduce_HundredsInFlight_KeepTheirOrder() => Ranks.Run(3, static group =>
    {
        var works = new List<(Tensor Tensor, Work Work)>();
        for (int i = 0; i < 300; i++)
        {
            Tensor tensor = Torch.Full([1 + (i * 37 % 9000)], i);
            works.Add((tensor, group.AllReduce(tensor)));
        }

        for (int i = 0; i < works.Count; i++)
        {
            works[i].Work.Wait();
            works[i].Work.Dispose();
            Assert.Equal(3 * i, works[i].Tensor[^1].ToInt64());
            Assert.Equal(3 * i, works[i].Tensor[0].ToInt64());
        }
    });

    /// <summary>
    /// Trap 79: a rank that gives another tensor is named at once, by all, instead of a hang or a wrong sum.
    /// </summary>
    [Theory]
    [InlineData(2, 1, "rank 1 gave float32[3, 5] where rank 0 gave float32[3]")]
    [InlineData(3, 0, "rank 0 gave float32[3, 5] where rank 1 gave float32[3]")]
    [InlineData(3, 2, "rank 2 gave float32[3, 5] where rank 0 gave float32[3]")]
    public void AllReduce_OneGivesAnotherShape_AllNameItAndBothShapes(int size, int odd, string expected)
    {
        RequireOwnGloo();
        Ranks.Run(size, group => Refuse(group, Torch.Ones(group.Rank == odd ? [3, 5] : [3]), expected));
    }

    [Theory]
    [InlineData(DType.Float64, "float64[1, 1, 1, 1, 1, 4]")]
    [InlineData(DType.Int32, "int32[1, 1, 1, 1, 1, 4]")]
    [InlineData(DType.Int64, "int64[1, 1, 1, 1, 1, 4]")]
    [InlineData(DType.Float16, "float16[1, 1, 1, 1, 1, 4]")]
    public void AllReduce_OneGivesAnotherDType_BothAreNamed(DType dtype, string expected)
    {
        RequireOwnGloo();
        Ranks.Run(2, group => Refuse(
            group,
            group.Rank == 0 ? Torch.Ones([1, 1, 1, 1, 1, 1, 4]) : Torch.Ones([1, 1, 1, 1, 1, 4], dtype),
            $"rank 1 gave {expected} where rank 0 gave float32[4 elements]"));
    }

    private static void Refuse(ProcessGroup group, Tensor given, string expected)
    {
        using Work work = group.AllReduce(given);

        var e = Assert.Throws<CollectiveException>(() => work.Wait());

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(CollectiveFault.Refused, e.Fault);
    }

    // Whole numbers, small enough for every dtype to add up exactly.
    private static Tensor Pattern(long count, int rank, DType dtype) =>
        ((Torch.Arange(0, count) * (rank + 3)) % 17).To(dtype);
}
