using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>
/// [n, length, width] to the scores of the next characters [n, length, vocabulary]; a rank of the tensor axis has some
/// of the characters.
/// </summary>
internal sealed class Head : Module<Tensor, Tensor>
{
    [StateName("ln_f")]
    private readonly LayerNorm _norm;

    private readonly ColumnParallelLinear _lmHead;

    public Head(GptOptions options, MeshAxis axis)
    {
        _norm = new LayerNorm(options.Width);
        _lmHead = new ColumnParallelLinear(
            axis, options.Width, options.Vocabulary, hasBias: false, initialize: GptLayers.Initialize);
    }

    public override Tensor Forward(Tensor input) => _lmHead.Forward(_norm.Forward(input));
}
