using System.Globalization;
using System.Text;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// One of a mesh's axes, as a rank sees it: the ranks that differ from it along this axis alone, and what they send
/// each other. Layers that are divided take the tensor axis.
/// </summary>
/// <remarks>
/// A planned axis (<see cref="Planned"/>) has no other ranks behind it: it divides layers and counts bytes, and its
/// sums are what this rank has. Not thread safe.
/// </remarks>
public sealed class MeshAxis : IDisposable
{
    private MeshAxis(string name, int rank, int size, ProcessGroup? group)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, size);
        (Name, Rank, Size, Group) = (name, rank, size, group);
    }

    /// <summary><c>data</c>, <c>tensor</c> or <c>pipeline</c>, for errors.</summary>
    public string Name { get; }

    /// <summary>This rank's place on the axis, from 0.</summary>
    public int Rank { get; }

    /// <summary>How many ranks there are on it.</summary>
    public int Size { get; }

    /// <summary>
    /// Bytes that this rank has sent along the axis: those of sums by the ring's count, 2 (n - 1) / n of a tensor.
    /// </summary>
    public long BytesSent { get; private set; }

    /// <summary>The ranks as c10d knows them; null for a single one, and for a planned axis.</summary>
    internal ProcessGroup? Group { get; }

    private bool HasNoOthers => Group is null;

    /// <summary>An axis of one rank.</summary>
    public static MeshAxis Alone(string name) => new(name, 0, 1, null);

    /// <summary>An axis without the others: for dry runs and profiles.</summary>
    public static MeshAxis Planned(string name, int rank, int size) => new(name, rank, size, null);

    /// <summary>An axis over a group, which it takes over.</summary>
    public static MeshAxis Over(string name, ProcessGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new MeshAxis(name, group.Rank, group.Size, group);
    }

    /// <summary>How many of some things are this rank's, where all ranks must have as many.</summary>
    /// <param name="count">All of them, such as 12.</param>
    /// <param name="what">What they are, for the error, such as <c>heads</c>.</param>
    /// <exception cref="ArgumentException">The axis does not divide them.</exception>
    public int Divide(int count, string what)
    {
        if (count % Size == 0)
        {
            return count / Size;
        }

        IEnumerable<int> divisors = Enumerable.Range(1, count).Where(size => count % size == 0);
        throw new ArgumentException(
            $"{count} {what} can't be divided among {Size} ranks of the mesh's {Name} axis. Give a mesh with one of " +
            $"{string.Join(", ", divisors)} there, or another number of {what}.");
    }

    /// <summary>
    /// The way into divided layers: forward leaves a tensor as it is, backward adds up the gradients that the ranks
    /// have for it ("f" in Megatron-LM, section 3).
    /// </summary>
    public Tensor Enter(Tensor x)
    {
        if (Size == 1)
        {
            return x;
        }

        Tensor same = x.Alias();
        if (same.RequiresGrad)
        {
            same.AddGradientHook(gradient =>
            {
                Tensor sum = gradient.Clone().Contiguous();
                SumInPlace(sum);
                return sum;
            });
        }

        return same;
    }

    /// <summary>
    /// The way out of divided layers: forward adds up what the ranks have, in place, backward leaves the gradient as it
    /// is ("g" in Megatron-LM, section 3).
    /// </summary>
    /// <param name="partial">What an operator just made, and does not need for its own backward.</param>
    /// <returns>The same tensor, or one with its elements.</returns>
    public Tensor Leave(Tensor partial)
    {
        if (Size == 1)
        {
            return partial;
        }

        Tensor sum = partial.Contiguous();
        SumInPlace(sum.Detach());
        return sum;
    }

    /// <summary>The whole of a tensor that is divided; no gradients go through it.</summary>
    /// <param name="local">This rank's part.</param>
    /// <param name="shard">How it is divided.</param>
    public Tensor Gather(Tensor local, TensorShard shard)
    {
        using var noGrad = NoGrad();
        if (Size == 1)
        {
            return local.Detach();
        }

        // Zeros elsewhere: the sum is exact, and parts need not be of one size.
        Tensor whole = Zeros(shard.WholeShape(local.Shape), local.DType, local.Device);
        shard.Place(whole, local.Detach(), Rank, Size);
        SumInPlace(whole);
        return whole;
    }

    /// <summary>Closes the group.</summary>
    public void Dispose() => Group?.Dispose();

    /// <summary>Adds up all ranks' tensors, in place.</summary>
    internal void SumInPlace(Tensor tensor) => ReduceInPlace(tensor, ReduceOperation.Sum);

    /// <summary>Takes the largest of all ranks' elements, in place.</summary>
    internal void MaxInPlace(Tensor tensor) => ReduceInPlace(tensor, ReduceOperation.Max);

    /// <summary>Adds up numbers, in place.</summary>
    internal double Sum(double value)
    {
        if (HasNoOthers)
        {
            return value;
        }

        using var scope = new TensorScope();
        Tensor tensor = From<double>(value);
        SumInPlace(tensor);
        return tensor.ToArray<double>()[0];
    }

    /// <summary>The mean of all ranks' numbers.</summary>
    internal double Mean(double value) => HasNoOthers ? value : Sum(value) / Size;

    /// <summary>The root's tensors become everybody's.</summary>
    internal void Broadcast(ReadOnlySpan<Tensor> tensors, int root)
    {
        if (Size == 1 || tensors.IsEmpty)
        {
            return;
        }

        CountBroadcast(BytesOf(tensors));
        using var noGrad = NoGrad();
        Group?.BroadcastCoalesced(tensors, root);
    }

    /// <summary>Every rank's text, in their order.</summary>
    internal string[] GatherText(string text)
    {
        if (HasNoOthers)
        {
            return [text];
        }

        using var scope = new TensorScope();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        long[] lengths = [.. GatherEqual(From((long)bytes.Length)).Select(static part => part.ToArray<long>()[0])];
        byte[] padded = new byte[lengths.Max()];
        bytes.CopyTo(padded, 0);
        Tensor[] parts = GatherEqual(From<byte>(padded));
        return [.. parts.Select((part, rank) =>
            Encoding.UTF8.GetString(part.ToArray<byte>().AsSpan(0, (int)lengths[rank])))];
    }

    /// <summary>Counts bytes that the group's own engine sends for a sum.</summary>
    internal void CountSum(long bytes) => BytesSent += 2 * bytes * (Size - 1) / Size;

    /// <summary>Counts bytes that were sent to one rank.</summary>
    internal void CountSend(long bytes) => BytesSent += bytes;

    private static long BytesOf(ReadOnlySpan<Tensor> tensors)
    {
        long bytes = 0;
        foreach (Tensor tensor in tensors)
        {
            bytes += tensor.ElementCount * tensor.DType.Bytes();
        }

        return bytes;
    }

    // A rank's share of what all send.
    private void CountBroadcast(long bytes) => BytesSent += bytes * (Size - 1) / Size;

    private void ReduceInPlace(Tensor tensor, ReduceOperation operation)
    {
        CountSum(tensor.ElementCount * tensor.DType.Bytes());
        if (HasNoOthers)
        {
            return;
        }

        // Gloo of libtorch 1.13 has no sums of this dtype.
        bool isWidened = tensor.DType == DType.BFloat16;
        Tensor sum = isWidened ? tensor.To(DType.Float32) : tensor;
        using (Work work = Group!.AllReduce(sum, operation))
        {
            work.Wait();
        }

        if (isWidened)
        {
            using var noGrad = NoGrad();
            tensor.CopyFrom(sum);
        }
    }

    private Tensor[] GatherEqual(Tensor mine)
    {
        Tensor[] all = [.. Enumerable.Range(0, Size).Select(_ => EmptyLike(mine))];
        using Work work = Group!.AllGather(all, mine);
        work.Wait();
        return all;
    }

    /// <summary>Such as <c>tensor 1 of 2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Rank} of {Size}");
}
