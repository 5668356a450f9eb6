using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Mnist;

/// <summary>Two convolutions and two linear layers: images [n, 784] to the scores of ten digits [n, 10].</summary>
internal sealed class ConvolutionalClassifier : Module<Tensor, Tensor>
{
    private readonly Conv2d _conv1 = new(1, 16, 5, padding: 2);
    private readonly Conv2d _conv2 = new(16, 32, 5, padding: 2);
    private readonly Linear _fc1 = new(32 * 7 * 7, 128);
    private readonly Linear _fc2 = new(128, 10);

    public override Tensor Forward(Tensor input)
    {
        Tensor x = input.View(-1, 1, 28, 28);
        x = Convolutions.MaxPool2d(_conv1.Forward(x).Relu(), [2, 2]);
        x = Convolutions.MaxPool2d(_conv2.Forward(x).Relu(), [2, 2]);
        return _fc2.Forward(_fc1.Forward(x.Reshape(x.Size(0), -1)).Relu());
    }
}
