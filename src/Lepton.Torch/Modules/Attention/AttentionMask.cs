namespace Lepton.Torch.Modules;

/// <summary>Makes one mask that is added to the scores, of the masks that attention takes.</summary>
/// <param name="n">Samples.</param>
/// <param name="heads">Heads.</param>
/// <param name="l">Queries.</param>
/// <param name="s">Keys.</param>
/// <param name="like">What the mask shall have the dtype and device of.</param>
internal sealed class AttentionMask(long n, int heads, long l, long s, Tensor like)
{
    private static readonly TorchOperator s_baddbmm = new("aten::baddbmm");

    /// <summary>The scores of queries and transposed keys, plus a mask.</summary>
    public static Tensor Scores(Tensor mask, Tensor q_GLD, Tensor k_GDS) => s_baddbmm.Call(mask, q_GLD, k_GDS);

    /// <summary>0 where a query may see a key, minus infinity where not; null where each sees all.</summary>
    public Tensor? Of(Tensor? attention, Tensor? keyPadding, bool isCausal)
    {
        Tensor? mask = null;
        if (attention is not null)
        {
            Require(attention, "attention mask", [l, s], [n * heads, l, s]);
            mask = Additive(attention.Dimensions == 2 ? attention.Unsqueeze(0) : attention);
        }

        if (isCausal)
        {
            Tensor behind_LS = Torch.Ones([l, s], DType.Bool, like.Device).Triu(1);
            mask = Sum(mask, Additive(behind_LS.Unsqueeze(0)));
        }

        if (keyPadding is not null)
        {
            Require(keyPadding, "key padding mask", [n, s], [n, s]);
            Tensor padding_GLS = keyPadding.View(n, 1, 1, s).Expand(-1, heads, -1, -1).Reshape(n * heads, 1, s);
            mask = Sum(mask, Additive(padding_GLS));
        }

        return mask;
    }

    private static Tensor Sum(Tensor? first, Tensor second) => first is null ? second : first + second;

    private static void Require(
        Tensor mask, string what, ReadOnlySpan<long> shape, ReadOnlySpan<long> otherShape)
    {
        bool fits = mask.Shape.SequenceEqual(shape) || mask.Shape.SequenceEqual(otherShape);
        if (!fits || !(mask.DType == DType.Bool || mask.DType.IsFloatingPoint()))
        {
            throw Shapes.Unfit(
                nameof(MultiheadAttention), mask,
                $"an {what} of bool or floats [{string.Join(", ", shape.ToArray())}] or " +
                $"[{string.Join(", ", otherShape.ToArray())}]");
        }
    }

    private Tensor Additive(Tensor mask) => mask.DType == DType.Bool
        ? Torch.Zeros(mask.Shape, like.DType, like.Device).MaskedFill(mask, double.NegativeInfinity)
        : mask.To(like.DType);
}
