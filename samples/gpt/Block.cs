using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>Attention and two linear layers, each with a way past it: [n, length, width] to the same.</summary>
internal sealed class Block : Module<Tensor, Tensor>
{
    [StateName("ln_1")]
    private readonly LayerNorm _norm1;

    private readonly CausalSelfAttention _attn;

    [StateName("ln_2")]
    private readonly LayerNorm _norm2;

    private readonly Mlp _mlp;

    public Block(GptOptions options, MeshAxis axis)
    {
        _norm1 = new LayerNorm(options.Width);
        _attn = new CausalSelfAttention(options, axis);
        _norm2 = new LayerNorm(options.Width);
        _mlp = new Mlp(options, axis);
    }

    public override Tensor Forward(Tensor input)
    {
        Tensor x = input + _attn.Forward(_norm1.Forward(input));
        return x + _mlp.Forward(_norm2.Forward(x));
    }
}
