using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>
/// Each character looks at itself and those before it: [n, length, width] to the same. A rank of the tensor axis has
/// some of the heads.
/// </summary>
internal sealed class CausalSelfAttention : Module<Tensor, Tensor>
{
    private readonly ColumnParallelLinear _cAttn;
    private readonly RowParallelLinear _cProj;
    private readonly ShardedDropout _attnDropout;
    private readonly Dropout _residDropout;
    private readonly int _heads;
    private readonly int _width;

    public CausalSelfAttention(GptOptions options, MeshAxis axis)
    {
        if (options.Width % options.Heads != 0)
        {
            throw new ArgumentException($"A width of {options.Width} can't be divided among {options.Heads} heads.");
        }

        _heads = axis.Divide(options.Heads, "heads");
        _width = options.Width / options.Heads;
        _cAttn = new ColumnParallelLinear(
            axis, options.Width, 3 * options.Width, blocks: 3, initialize: GptLayers.Initialize);
        _cProj = new RowParallelLinear(
            axis, options.Width, options.Width,
            initialize: layer => GptLayers.InitializeResidual(layer, options.Layers));
        _attnDropout = new ShardedDropout(axis, options.Dropout, dimension: 1);
        _residDropout = new Dropout(options.Dropout);
    }

    public override Tensor Forward(Tensor input)
    {
        // B samples, T length, H heads of this rank, D their width.
        long b = input.Size(0);
        long t = input.Size(1);
        Tensor[] parts = _cAttn.Forward(input).Split(_heads * _width, 2);
        Tensor q_BHTD = Heads(parts[0]);
        Tensor k_BHTD = Heads(parts[1]);
        Tensor v_BHTD = Heads(parts[2]);
        Tensor isAhead_TT = Torch.Ones([t, t], DType.Bool, input.Device).Triu(1);
        Tensor scores_BHTT = q_BHTD.MatMul(k_BHTD.Transpose(2, 3)) * (1 / Math.Sqrt(_width));
        Tensor weights_BHTT = scores_BHTT.MaskedFill(isAhead_TT, double.NegativeInfinity).Softmax(3);
        Tensor y_BHTD = _attnDropout.Forward(weights_BHTT).MatMul(v_BHTD);
        return _residDropout.Forward(_cProj.Forward(y_BHTD.Transpose(1, 2).Reshape(b, t, _heads * _width)));

        Tensor Heads(Tensor x) => x.View(b, t, _heads, _width).Transpose(1, 2);
    }
}
