using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism;

/// <summary>Divided layers against whole ones: outputs, and the gradients of inputs and of every rank's part.</summary>
public sealed class ParallelLayersTests : TrainingTest
{
    // The default generator is the process's: ranks that are threads draw one after the other.
    private static readonly Lock s_drawing = new();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void ColumnThenRow_ManyRanks_AsTwoLinears(int size) => ThreadRanks.Run(size, axis =>
    {
        using Linear first = Draw(1, () => new Linear(5, 12));
        using Linear second = Draw(2, () => new Linear(12, 4));
        using ColumnParallelLinear column = Draw(1, () => new ColumnParallelLinear(axis, 5, 12));
        using RowParallelLinear row = Draw(2, () => new RowParallelLinear(axis, 12, 4));
        Tensor x1 = Input(3, [7, 5]);
        Tensor x2 = Input(3, [7, 5]);

        Tensor whole = second.Forward(first.Forward(x1).Relu());
        whole.Square().Sum().Backward();
        Tensor divided = row.Forward(column.Forward(x2).Relu());
        divided.Square().Sum().Backward();

        AssertSame(whole, divided);
        AssertSame(x1.Grad!, x2.Grad!);
        AssertSame(Part(axis, column.Shards[0].Value, first.Weight.Grad!), column.Weight.Grad!);
        AssertSame(Part(axis, column.Shards[1].Value, first.Bias!.Grad!), column.Bias!.Grad!);
        AssertSame(Part(axis, row.Shards[0].Value, second.Weight.Grad!), row.Weight.Grad!);
        AssertSame(second.Bias!.Grad!, row.Bias!.Grad!);
    });

    [Fact]
    public void Column_Blocks_EachIsDivided() => ThreadRanks.Run(2, axis =>
    {
        using Linear whole = Draw(1, () => new Linear(3, 12));
        using ColumnParallelLinear column = Draw(1, () => new ColumnParallelLinear(axis, 3, 12, blocks: 3));
        Tensor x = Input(3, [2, 3]);

        Tensor[] blocks = whole.Forward(x).Split(4, 1);

        Tensor mine = column.Forward(x);
        AssertSame(Cat([.. blocks.Select(block => block.Narrow(1, 2 * axis.Rank, 2))], 1), mine);
        AssertSame(whole.Forward(x), axis.Gather(mine, new TensorShard(1, 12, 3)));
    });

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void EmbeddingAndLoss_VocabularyThatIsNoMultiple_AsWhole(int size) => ThreadRanks.Run(size, axis =>
    {
        const int Vocabulary = 7;
        using Embedding table = Draw(1, () => new Embedding(Vocabulary, 6));
        using VocabParallelEmbedding part = Draw(1, () => new VocabParallelEmbedding(axis, Vocabulary, 6));
        using Linear head = Draw(2, () => new Linear(6, Vocabulary));
        using ColumnParallelLinear column = Draw(2, () => new ColumnParallelLinear(axis, 6, Vocabulary));
        Tensor words = From<long>(0, 6, 3, 3, 1, 5, 2, 4);
        Tensor next = From<long>(6, 3, 3, 1, 5, 2, 4, 0);

        Tensor whole = LossFunctions.CrossEntropy(head.Forward(table.Forward(words)) * 10, next);
        whole.Backward();
        Tensor divided = VocabParallelLoss.CrossEntropy(
            axis, column.Forward(part.Forward(words)) * 10, next, Vocabulary);
        divided.Backward();

        AssertSame(whole, divided);
        AssertSame(Part(axis, part.Shards[0].Value, table.Weight.Grad!), part.Weight.Grad!);
        AssertSame(Part(axis, column.Shards[0].Value, head.Weight.Grad!), column.Weight.Grad!);
    });

    [Fact]
    public void Loss_ScoresOfAnotherSize_SaysWhatIsExpected()
    {
        using var scope = new TensorScope();
        MeshAxis axis = MeshAxis.Planned("tensor", 0, 2);

        Assert.Contains(
            "float32[3, 7]; expected [n, 3]",
            Assert.Throws<ArgumentException>(
                () => VocabParallelLoss.CrossEntropy(axis, Ones([3, 7]), Zeros([3], DType.Int64), 7)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ShardedDropout_ManyRanks_DropsAsOneDoes() => ThreadRanks.Run(2, axis =>
    {
        using var dropout = new ShardedDropout(axis, 0.5, 1);
        Tensor x = Ones([4, 3, 5]);
        Tensor mine;
        Tensor whole;
        lock (s_drawing)
        {
            ManualSeed(9);
            mine = dropout.Forward(x);
            ManualSeed(9);
            whole = Functional.Dropout(Ones([4, 6, 5]));
        }

        AssertSame(whole.Narrow(1, 3 * axis.Rank, 3), mine);
    });

    [Fact]
    public void Layers_Disposed_NoTensorIsLeft()
    {
        long before = SettledCount();
        ThreadRanks.Run(2, axis =>
        {
            using var column = new ColumnParallelLinear(axis, 4, 6);
            using var row = new RowParallelLinear(axis, 6, 4);
            row.Forward(column.Forward(Input(1, [2, 4]))).Sum().Backward();
        });

        Assert.Equal(before, SettledCount());
    }

    private static T Draw<T>(ulong seed, Func<T> make)
    {
        lock (s_drawing)
        {
            ManualSeed(seed);
            return make();
        }
    }

    private static Tensor Input(ulong seed, ReadOnlySpan<long> shape)
    {
        using Generator generator = Generator.FromSeed(seed);
        Tensor input = Randn(shape, generator: generator);
        input.RequiresGrad = true;
        return input;
    }

    private static Tensor Part(MeshAxis axis, TensorShard shard, Tensor whole) =>
        shard.Cut(whole, axis.Rank, axis.Size);

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.True(
            expected.AllClose(actual, relative: 1e-5, absolute: 1e-6),
            $"expected {expected.Detach()}, found {actual.Detach()}");
    }
}
