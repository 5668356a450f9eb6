using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>Two linear layers, four times as wide between them: [n, length, width] to the same.</summary>
internal sealed class Mlp(GptOptions options, MeshAxis axis) : Module<Tensor, Tensor>
{
    private readonly ColumnParallelLinear _cFc =
        new(axis, options.Width, 4 * options.Width, initialize: GptLayers.Initialize);

    private readonly RowParallelLinear _cProj = new(
        axis, 4 * options.Width, options.Width,
        initialize: layer => GptLayers.InitializeResidual(layer, options.Layers));

    private readonly Dropout _dropout = new(options.Dropout);

    public override Tensor Forward(Tensor input) =>
        _dropout.Forward(_cProj.Forward(_cFc.Forward(input).Gelu()));
}
