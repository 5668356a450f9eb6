using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Transfer;

/// <summary>Two convolutions and a linear layer: images [n, 784] to what is seen in them [n, 128].</summary>
internal sealed class Features : Module<Tensor, Tensor>
{
    /// <summary>How many numbers say what is seen in an image.</summary>
    public const int Width = 128;

    private readonly Conv2d _conv1 = new(1, 16, 5, padding: 2);
    private readonly Conv2d _conv2 = new(16, 32, 5, padding: 2);
    private readonly Linear _fc = new(32 * 7 * 7, Width);

    public override Tensor Forward(Tensor input)
    {
        Tensor x = input.View(-1, 1, 28, 28);
        x = Convolutions.MaxPool2d(_conv1.Forward(x).Relu(), [2, 2]);
        x = Convolutions.MaxPool2d(_conv2.Forward(x).Relu(), [2, 2]);
        return _fc.Forward(x.Reshape(x.Size(0), -1)).Relu();
    }
}
