namespace Lepton.Torch.Modules;

/// <summary>
/// Scaled dot-product attention of several heads: PyTorch's <c>nn.MultiheadAttention</c> (Vaswani et al., "Attention Is
/// All You Need", §3.2.2). State: <c>in_proj_weight</c> [3 width, width], or <c>q_proj_weight</c>,
/// <c>k_proj_weight</c> and <c>v_proj_weight</c> where keys or values have another width, <c>in_proj_bias</c>
/// [3 width], <c>out_proj.weight</c>, <c>out_proj.bias</c>.
/// </summary>
public sealed class MultiheadAttention : Module
{
    // Shapes: L target length, S source length, N samples, H heads, D head size, E width, G = N H.
    private readonly long _width;
    private readonly int _heads;
    private readonly double _dropout;
    private readonly bool _batchFirst;

    /// <param name="width">The size of queries and outputs, a multiple of the heads.</param>
    /// <param name="heads">How many heads there are, 1 or more.</param>
    /// <param name="dropout">The share of the weights that is dropped in training, from 0 to 1.</param>
    /// <param name="hasBias">Whether there are biases.</param>
    /// <param name="keyWidth">The size of keys; null: that of queries.</param>
    /// <param name="valueWidth">The size of values; null: that of queries.</param>
    /// <param name="batchFirst">Whether inputs are [n, length, width] instead of [length, n, width].</param>
    public MultiheadAttention(
        long width, int heads, double dropout = 0, bool hasBias = true, long? keyWidth = null,
        long? valueWidth = null, bool batchFirst = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        if (width < 1 || width % heads != 0)
        {
            throw new ArgumentException($"A width of {width} can't be divided among {heads} heads.", nameof(width));
        }

        _width = width;
        _heads = heads;
        _dropout = Shares.Require(dropout);
        _batchFirst = batchFirst;
        // Drawn first, as PyTorch does.
        OutProj = new Linear(width, width, hasBias);
        if ((keyWidth ?? width) == width && (valueWidth ?? width) == width)
        {
            InProjWeight = new Parameter(Init.XavierUniform(Torch.Empty([3 * width, width])));
        }
        else
        {
            QProjWeight = new Parameter(Init.XavierUniform(Torch.Empty([width, width])));
            KProjWeight = new Parameter(Init.XavierUniform(Torch.Empty([width, keyWidth ?? width])));
            VProjWeight = new Parameter(Init.XavierUniform(Torch.Empty([width, valueWidth ?? width])));
        }

        if (hasBias)
        {
            InProjBias = new Parameter(Torch.Zeros([3 * width]));
            Init.Constant(OutProj.Bias!, 0);
        }
    }

    /// <summary>
    /// [3 width, width]: the projections of queries, keys and values; null where there is one for each.
    /// </summary>
    public Parameter? InProjWeight { get; }

    /// <summary>[width, width]; null where there is one for all.</summary>
    public Parameter? QProjWeight { get; }

    /// <summary>[width, key width]; null where there is one for all.</summary>
    public Parameter? KProjWeight { get; }

    /// <summary>[width, value width]; null where there is one for all.</summary>
    public Parameter? VProjWeight { get; }

    /// <summary>[3 width]; null where there are no biases.</summary>
    public Parameter? InProjBias { get; }

    /// <summary>The projection of what the heads found.</summary>
    public Linear OutProj { get; }

    /// <summary>Looks up each query among the keys.</summary>
    /// <param name="query">[L, n, width], or [n, L, width] where the batch is first.</param>
    /// <param name="key">[S, n, key width]. The same tensor as the query is self-attention, which is faster.</param>
    /// <param name="value">[S, n, value width].</param>
    /// <param name="keyPaddingMask">[n, S]: true, or minus infinity, for keys that no query may see.</param>
    /// <param name="attentionMask">
    /// [L, S] or [n heads, L, S]: true for keys that a query may not see; or floats that are added to the scores.
    /// </param>
    /// <param name="isCausal">Whether a query sees no keys behind its own place.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <param name="averageWeights">Whether they are wanted as the mean of the heads.</param>
    /// <returns>
    /// The outputs, of the queries' shape, and the weights [n, L, S], or [n, heads, L, S]; null where not wanted.
    /// </returns>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public (Tensor Output, Tensor? Weights) Forward(
        Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask = null, Tensor? attentionMask = null,
        bool isCausal = false, bool needWeights = true, bool averageWeights = true)
    {
        RequireShapes(query, key, value);
        (Tensor q_LNE, Tensor k_SNE, Tensor v_SNE) = Project(query, key, value);
        ReadOnlySpan<long> shape = q_LNE.Shape;
        (long l, long n, long s) = (shape[0], shape[1], k_SNE.Size(0));
        long d = _width / _heads;
        Tensor q_GLD = ToHeads(q_LNE) / Math.Sqrt(d);
        Tensor k_GSD = ToHeads(k_SNE);
        Tensor v_GSD = ToHeads(v_SNE);
        Tensor? mask = new AttentionMask(n, _heads, l, s, q_GLD).Of(attentionMask, keyPaddingMask, isCausal);
        Tensor scores_GLS = mask is null
            ? q_GLD.MatMul(k_GSD.Transpose(1, 2)) : AttentionMask.Scores(mask, q_GLD, k_GSD.Transpose(1, 2));
        Tensor weights_GLS = scores_GLS.Softmax(-1);
        if (IsTraining && _dropout > 0)
        {
            weights_GLS = Functional.Dropout(weights_GLS, _dropout);
        }

        Tensor found_LNE = weights_GLS.MatMul(v_GSD).Transpose(0, 1).Contiguous().View(l * n, _width);
        Tensor output_LNE = OutProj.Forward(found_LNE).View(l, n, _width);
        Tensor? weights = null;
        if (needWeights)
        {
            Tensor weights_NHLS = weights_GLS.View(n, _heads, l, s);
            weights = averageWeights ? weights_NHLS.Sum([1]) / _heads : weights_NHLS;
        }

        return (_batchFirst ? output_LNE.Transpose(0, 1) : output_LNE, weights);
    }

    private Tensor ToHeads(Tensor x_LNE) =>
        x_LNE.Contiguous().View(x_LNE.Size(0), -1, _width / _heads).Transpose(0, 1);

    private (Tensor Q_LNE, Tensor K_SNE, Tensor V_SNE) Project(Tensor query, Tensor key, Tensor value)
    {
        bool isSelf = ReferenceEquals(query, key) && ReferenceEquals(key, value);
        Tensor q_LNE = _batchFirst ? query.Transpose(0, 1) : query;
        if (isSelf && InProjWeight is not null)
        {
            Tensor[] parts = Functional.Linear(q_LNE, InProjWeight, InProjBias).Chunk(3, -1);
            return (parts[0], parts[1], parts[2]);
        }

        Tensor k_SNE = _batchFirst ? key.Transpose(0, 1) : key;
        Tensor v_SNE = _batchFirst ? value.Transpose(0, 1) : value;
        Tensor[] weights = InProjWeight?.Value.Chunk(3) ?? [QProjWeight!, KProjWeight!, VProjWeight!];
        Tensor[]? biases = InProjBias?.Value.Chunk(3);
        return (
            Functional.Linear(q_LNE, weights[0], biases?[0]), Functional.Linear(k_SNE, weights[1], biases?[1]),
            Functional.Linear(v_SNE, weights[2], biases?[2]));
    }

    private void RequireShapes(Tensor query, Tensor key, Tensor value)
    {
        string order = _batchFirst ? "n, length" : "length, n";
        Shapes.Require(query, 3, $"queries [{order}, {_width}]", nameof(MultiheadAttention));
        Shapes.Require(key, 3, $"keys [{order}, ..]", nameof(MultiheadAttention));
        Shapes.Require(value, 3, $"values [{order}, ..]", nameof(MultiheadAttention));
        Shapes.RequireLast(query, _width, nameof(MultiheadAttention));
        Shapes.RequireLast(key, KProjWeight?.Shape[1] ?? _width, nameof(MultiheadAttention));
        Shapes.RequireLast(value, VProjWeight?.Shape[1] ?? _width, nameof(MultiheadAttention));
        int batch = _batchFirst ? 0 : 1;
        if (!key.Shape[..2].SequenceEqual(value.Shape[..2]) || key.Size(batch) != query.Size(batch))
        {
            throw new TorchOperatorException(
                nameof(MultiheadAttention), "lengths or batches differ",
                $"{nameof(MultiheadAttention)}({query.Signature}, {key.Signature}, {value.Signature}) failed: keys " +
                "and values must have one length, and all three the same batch.");
        }
    }
}
