using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using static Lepton.Torch.Torch;

namespace Lepton.Bench.Training;

/// <summary>The models of the training suite; bench/peers/torch_steps.py has the same in Python.</summary>
internal static class Models
{
    public const int Classes = 10;
    public const int Letters = 65;
    public const int Context = 64;

    /// <summary>A model, what its optimizer is, and a batch for it.</summary>
    public static (Module<Tensor, Tensor> Model, Func<Module, Optimizer> Optimizer, Func<int, Tensor[]> Batch) Of(
        string name) => name switch
    {
        "mlp" => (
            new Mlp(), static model => new SGD(model, new SgdOptions { LearningRate = 0.01 }),
            static size => [Randn([size, 784]), RandInt(0, Classes, [size])]),
        "cnn" => (
            new Cnn(), static model => new Adam(model, new AdamOptions()),
            static size => [Randn([size, 784]), RandInt(0, Classes, [size])]),
        "gpt" => (
            new Gpt(), static model => new AdamW(model, new AdamWOptions()),
            static size => [RandInt(0, Letters, [size, Context]), RandInt(0, Letters, [size * Context])]),
        _ => throw new ArgumentException($"There is no model '{name}'. There are: mlp, cnn, gpt."),
    };

    private sealed class Mlp : Module<Tensor, Tensor>
    {
        private readonly Linear _fc1 = new(784, 1024);
        private readonly Linear _fc2 = new(1024, 1024);
        private readonly Linear _fc3 = new(1024, Classes);

        public override Tensor Forward(Tensor input) =>
            _fc3.Forward(_fc2.Forward(_fc1.Forward(input).Relu()).Relu());
    }

    private sealed class Cnn : Module<Tensor, Tensor>
    {
        private readonly Conv2d _conv1 = new(1, 16, 5, padding: 2);
        private readonly Conv2d _conv2 = new(16, 32, 5, padding: 2);
        private readonly Linear _fc1 = new(32 * 7 * 7, 128);
        private readonly Linear _fc2 = new(128, Classes);

        public override Tensor Forward(Tensor input)
        {
            Tensor x = input.View(-1, 1, 28, 28);
            x = Convolutions.MaxPool2d(_conv1.Forward(x).Relu(), [2, 2]);
            x = Convolutions.MaxPool2d(_conv2.Forward(x).Relu(), [2, 2]);
            return _fc2.Forward(_fc1.Forward(x.Reshape(x.Size(0), -1)).Relu());
        }
    }

    private sealed class Gpt : Module<Tensor, Tensor>
    {
        private const int Width = 128;
        private const int Blocks = 4;
        private static readonly TransformerOptions s_block = new()
        {
            FeedForward = 4 * Width, Dropout = 0, Activation = static x => x.Gelu(), BatchFirst = true,
            NormFirst = true, IsCausal = true,
        };

        private readonly Embedding _letters = new(Letters, Width);
        private readonly Embedding _places = new(Context, Width);
        private readonly ModuleList<TransformerEncoderLayer> _blocks =
            new([.. Enumerable.Range(0, Blocks).Select(static _ => new TransformerEncoderLayer(Width, 4, s_block))]);

        private readonly LayerNorm _norm = new(Width);
        private readonly Linear _head = new(Width, Letters);

        public override Tensor Forward(Tensor input)
        {
            Tensor x = _letters.Forward(input) + _places.Forward(Arange(0, input.Size(1)));
            foreach (TransformerEncoderLayer block in _blocks)
            {
                x = block.Forward(x);
            }

            return _head.Forward(_norm.Forward(x)).View(-1, Letters);
        }
    }
}
