namespace Lepton.Torch.Modules;

/// <summary>A module from one value to one: what <see cref="Sequential"/> is made of, where both are tensors.</summary>
/// <typeparam name="TInput">What forward takes.</typeparam>
/// <typeparam name="TOutput">What forward gives.</typeparam>
public abstract class Module<TInput, TOutput> : Module
{
    /// <summary>Computes the output.</summary>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public abstract TOutput Forward(TInput input);
}
