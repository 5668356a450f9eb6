using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// How a tensor is divided among ranks: along one dimension, into ranges that differ by one at most. Where it is made
/// of blocks that are divided each, such as the queries, keys and values of attention in one matrix, a rank has its
/// range of every block.
/// </summary>
/// <param name="Dimension">The dimension, from 0.</param>
/// <param name="Size">Its size in the whole tensor, a multiple of <paramref name="Blocks"/>.</param>
/// <param name="Blocks">How many blocks lie one behind the other in it.</param>
public sealed record TensorShard(int Dimension, long Size, int Blocks = 1)
{
    private long BlockSize => Size / Blocks;

    /// <summary>The first of a rank's range of so many, and the first behind it. Pure.</summary>
    public static (long Start, long End) RangeOf(long size, int rank, int ranks) =>
        (size * rank / ranks, size * (rank + 1) / ranks);

    /// <summary>The dimension's size in a rank's part.</summary>
    public long PartSize(int rank, int ranks)
    {
        (long start, long end) = RangeOf(BlockSize, rank, ranks);
        return Blocks * (end - start);
    }

    /// <summary>A rank's part, a copy.</summary>
    /// <exception cref="ArgumentException">A rank would have nothing, or blocks don't divide the size.</exception>
    public Tensor Cut(Tensor whole, int rank, int ranks)
    {
        ArgumentNullException.ThrowIfNull(whole);
        if (Size % Blocks != 0 || BlockSize < ranks)
        {
            throw new ArgumentException(
                $"A dimension of {Size}, in {Blocks} blocks, can't be divided among {ranks} ranks: each needs a part " +
                "of every block. Give a mesh with fewer ranks there.");
        }

        (long start, long end) = RangeOf(BlockSize, rank, ranks);
        Tensor[] parts = [.. Enumerable.Range(0, Blocks).Select(block =>
            whole.Narrow(Dimension, (block * BlockSize) + start, end - start))];
        return Blocks == 1 ? parts[0].Clone().Contiguous() : Cat(parts, Dimension);
    }

    /// <summary>Copies a rank's part to its place in the whole.</summary>
    public void Place(Tensor whole, Tensor part, int rank, int ranks)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(part);
        (long start, long end) = RangeOf(BlockSize, rank, ranks);
        for (int block = 0; block < Blocks; block++)
        {
            whole.Narrow(Dimension, (block * BlockSize) + start, end - start)
                .CopyFrom(part.Narrow(Dimension, block * (end - start), end - start));
        }
    }

    /// <summary>The whole's shape, of a part's.</summary>
    public long[] WholeShape(ReadOnlySpan<long> part)
    {
        long[] shape = part.ToArray();
        shape[Dimension] = Size;
        return shape;
    }
}
