namespace Lepton.Torch.Modules;

/// <summary>
/// x times the transposed weight, plus bias: PyTorch's <c>nn.Linear</c>. State: <c>weight</c> [out, in], <c>bias</c>
/// [out]. Not sealed, so that a version which holds a part of the weight can stand in its place.
/// </summary>
public class Linear : Module<Tensor, Tensor>
{
    /// <summary>Makes a layer; weights are drawn from the default generator as PyTorch draws them.</summary>
    /// <param name="inputs">The size of the input's last dimension, 1 or more.</param>
    /// <param name="outputs">The size of the output's last dimension, 1 or more.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    public Linear(long inputs, long outputs, bool hasBias = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        Weight = new Parameter(Init.KaimingUniform(Torch.Empty([outputs, inputs]), Math.Sqrt(5)));
        double bound = 1 / Math.Sqrt(inputs);
        Bias = hasBias ? new Parameter(Init.Uniform(Torch.Empty([outputs]), -bound, bound)) : null;
    }

    /// <summary>[out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>[out]; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>[.., in] is [.., out].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Linear(input, Weight, Bias);
}
