namespace Lepton.Torch.Modules;

/// <summary>A module from two values to one, such as a loss of predictions and targets.</summary>
/// <typeparam name="TFirst">What forward takes first.</typeparam>
/// <typeparam name="TSecond">What forward takes second.</typeparam>
/// <typeparam name="TOutput">What forward gives.</typeparam>
public abstract class Module<TFirst, TSecond, TOutput> : Module
{
    /// <summary>Computes the output.</summary>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public abstract TOutput Forward(TFirst first, TSecond second);
}
