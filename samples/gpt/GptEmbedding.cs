using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>Characters [n, length] to what stands for them and their places [n, length, width].</summary>
internal sealed class GptEmbedding : Module<Tensor, Tensor>
{
    private readonly VocabParallelEmbedding _wte;
    private readonly Embedding _wpe;
    private readonly Dropout _drop;

    public GptEmbedding(GptOptions options, MeshAxis axis)
    {
        _wte = new VocabParallelEmbedding(axis, options.Vocabulary, options.Width, GptLayers.Initialize);
        _wpe = new Embedding(options.Context, options.Width);
        _drop = new Dropout(options.Dropout);
        GptLayers.Initialize(_wpe);
    }

    public override Tensor Forward(Tensor input)
    {
        // B samples, T length, C width.
        Tensor place_T = Torch.Arange(0, input.Size(1), device: input.Device);
        Tensor x_BTC = _wte.Forward(input) + _wpe.Forward(place_T);
        return _drop.Forward(x_BTC);
    }
}
