namespace Lepton.Torch;

/// <summary>
/// What plain indices make of a tensor, one view after the other, and the tensors of indices that are left for
/// <c>aten::index</c>, each at the dimension that it stands for. Follows NumPy's and PyTorch's rules.
/// </summary>
internal ref struct IndexedView
{
    private readonly Tensor _source;
    private readonly List<Tensor?> _tensors = [];

    public IndexedView(Tensor source, ReadOnlySpan<TensorIndex> indices)
    {
        _source = source;
        Result = source;
        int dimension = 0;

        // A mask of several dimensions takes one place in the list of tensors.
        int masked = 0;
        int left = source.Dimensions - Consumed(indices, source);
        foreach (TensorIndex index in indices)
        {
            switch (index.Kind)
            {
                case TensorIndexKind.Select:
                    Step(Select(Result, dimension, index.Start));
                    break;
                case TensorIndexKind.Slice:
                    if (index.Start != 0 || index.End != long.MaxValue || index.Step != 1)
                    {
                        Step(Result.Slice(dimension, index.Start, index.End, index.Step));
                    }

                    dimension++;
                    break;
                case TensorIndexKind.NewAxis:
                    Step(Result.Unsqueeze(dimension++));
                    break;
                case TensorIndexKind.Ellipsis:
                    dimension += left;
                    break;
                default:
                    At(dimension - masked, index.Tensor!);
                    dimension += Takes(index);
                    masked += Takes(index) - 1;
                    break;
            }
        }

        if (ReferenceEquals(Result, source) && _tensors.Count == 0)
        {
            Step(source.Alias());
        }
    }

    /// <summary>The view that indices and ranges make; always a handle of its own, unless tensors follow.</summary>
    public Tensor Result { get; private set; }

    /// <summary>Tensors of indices by dimension, null where a dimension is taken whole.</summary>
    public readonly Tensor?[] Tensors => [.. _tensors];

    /// <summary>Frees the view that only was a step on the way.</summary>
    public readonly void DisposeUnless(Tensor kept)
    {
        if (!ReferenceEquals(Result, kept))
        {
            Result.Dispose();
        }
    }

    private static int Takes(TensorIndex index) => index.Kind switch
    {
        TensorIndexKind.Select or TensorIndexKind.Slice => 1,
        TensorIndexKind.Tensor => index.Tensor!.DType is DType.Bool or DType.UInt8 ? index.Tensor.Dimensions : 1,
        _ => 0,
    };

    private static int Consumed(ReadOnlySpan<TensorIndex> indices, Tensor source)
    {
        int consumed = 0;
        int ellipses = 0;
        foreach (TensorIndex index in indices)
        {
            consumed += Takes(index);
            ellipses += index.Kind == TensorIndexKind.Ellipsis ? 1 : 0;
        }

        if (consumed > source.Dimensions)
        {
            throw new ArgumentException(
                $"{source.Signature} has {source.Dimensions} dimensions; {consumed} are indexed. Leave some out.",
                nameof(indices));
        }

        return ellipses <= 1 ? consumed : throw new ArgumentException(
            "An index has more than one ellipsis, so it is not known which dimensions each stands for. Keep one.",
            nameof(indices));
    }

    private static Tensor Select(Tensor tensor, int dimension, long index)
    {
        long size = tensor.Size(dimension);
        return index >= -size && index < size
            ? tensor.Select(dimension, index)
            : throw new ArgumentOutOfRangeException(
                nameof(index), index,
                $"Index {index} is outside of dimension {dimension} of {tensor.Signature}, which has size {size}.");
    }

    private readonly void At(int place, Tensor index)
    {
        while (_tensors.Count < place)
        {
            _tensors.Add(null);
        }

        _tensors.Add(index);
    }

    private void Step(Tensor next)
    {
        Tensor previous = Result;
        Result = next;
        if (!ReferenceEquals(previous, _source))
        {
            previous.Dispose();
        }
    }
}
