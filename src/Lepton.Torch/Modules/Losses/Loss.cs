namespace Lepton.Torch.Modules;

/// <summary>How far predictions are from targets: a module, as losses with class weights have state.</summary>
public abstract class Loss : Module
{
    /// <summary>Computes the loss.</summary>
    /// <param name="input">What the model gave.</param>
    /// <param name="target">What it should have given.</param>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public abstract Tensor Forward(Tensor input, Tensor target);
}
