namespace Lepton.Torch;

/// <summary>
/// One index of <see cref="Tensor.this"/>: a number, a C# index or range, a tensor, or one of <see cref="All"/>,
/// <see cref="Ellipsis"/> and <see cref="NewAxis"/>. Converts from those by itself.
/// </summary>
public readonly struct TensorIndex
{
    private TensorIndex(TensorIndexKind kind, long start = 0, long end = 0, long step = 1, Tensor? tensor = null)
    {
        Kind = kind;
        Start = start;
        End = end;
        Step = step;
        Tensor = tensor;
    }

    /// <summary>A whole dimension, as <c>..</c>.</summary>
    public static TensorIndex All { get; } = new(TensorIndexKind.Slice, 0, long.MaxValue);

    /// <summary>As many whole dimensions as are left.</summary>
    public static TensorIndex Ellipsis { get; } = new(TensorIndexKind.Ellipsis);

    /// <summary>A new dimension of size 1.</summary>
    public static TensorIndex NewAxis { get; } = new(TensorIndexKind.NewAxis);

    internal TensorIndexKind Kind { get; }

    internal long Start { get; }

    internal long End { get; }

    internal long Step { get; }

    internal Tensor? Tensor { get; }

    public static implicit operator TensorIndex(int index) => FromInt64(index);

    public static implicit operator TensorIndex(long index) => FromInt64(index);

    public static implicit operator TensorIndex(Index index) => FromIndex(index);

    public static implicit operator TensorIndex(Range range) => FromRange(range);

    public static implicit operator TensorIndex(Tensor tensor) => FromTensor(tensor);

    /// <summary>One element of a dimension, which is then gone; negative numbers count from the end.</summary>
    public static TensorIndex FromInt64(long index) => new(TensorIndexKind.Select, index);

    /// <summary>One element of a dimension, which is then gone.</summary>
    public static TensorIndex FromIndex(Index index) => FromInt64(index.IsFromEnd ? -(long)index.Value : index.Value);

    /// <summary>A part of a dimension.</summary>
    public static TensorIndex FromRange(Range range) => new(
        TensorIndexKind.Slice,
        range.Start.IsFromEnd ? -(long)range.Start.Value : range.Start.Value,
        range.End.IsFromEnd ? (range.End.Value == 0 ? long.MaxValue : -(long)range.End.Value) : range.End.Value);

    /// <summary>The elements at indices (int64), or where truth values hold (bool).</summary>
    public static TensorIndex FromTensor(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new TensorIndex(TensorIndexKind.Tensor, tensor: tensor);
    }

    /// <summary>Every <paramref name="step"/>-th element of a part of a dimension; null bounds are its ends.</summary>
    public static TensorIndex Slice(long? start = null, long? end = null, long step = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return new TensorIndex(TensorIndexKind.Slice, start ?? 0, end ?? long.MaxValue, step);
    }
}
