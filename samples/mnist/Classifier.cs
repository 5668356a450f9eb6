using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Mnist;

/// <summary>Two hidden layers: images [n, 784] to the scores of ten digits [n, 10].</summary>
internal sealed class Classifier : Module<Tensor, Tensor>
{
    private readonly Linear _fc1 = new(784, 256);
    private readonly Linear _fc2 = new(256, 128);
    private readonly Linear _fc3 = new(128, 10);

    public override Tensor Forward(Tensor input) =>
        _fc3.Forward(_fc2.Forward(_fc1.Forward(input).Relu()).Relu());
}
