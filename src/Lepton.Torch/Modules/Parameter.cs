using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Lepton.Torch.Modules;

/// <summary>
/// A tensor that training changes: PyTorch's <c>nn.Parameter</c>. A module finds the parameters in its own fields and
/// properties; operators take one as a tensor.
/// </summary>
/// <remarks>
/// The tensor is always the same one, also after <see cref="Module.To(Device)"/>: whoever holds it (an optimizer, a
/// reducer of gradients) sees the change. It belongs to no scope and lives until its module is disposed.
/// </remarks>
[DebuggerDisplay("{Value}")]
public sealed class Parameter : IDisposable
{
    /// <summary>Makes a parameter of a tensor and takes it over, out of all scopes.</summary>
    /// <param name="value">
    /// Its first value. A tensor that operators made while they were recorded is cut off from them.
    /// </param>
    /// <param name="requiresGrad">Whether it is trained; false for frozen ones. Must be false for integers.</param>
    public Parameter(Tensor value, bool requiresGrad = true)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = (value.IsLeaf ? value : value.Detach()).Persist();
        Value.RequiresGrad = requiresGrad;
    }

    /// <summary>The tensor.</summary>
    public Tensor Value { get; }

    /// <summary>The gradient that backward added up, as <see cref="Tensor.Grad"/>.</summary>
    public Tensor? Grad
    {
        get => Value.Grad;
        set => Value.Grad = value;
    }

    /// <summary>Whether it is trained.</summary>
    public bool RequiresGrad
    {
        get => Value.RequiresGrad;
        set => Value.RequiresGrad = value;
    }

    /// <summary>The size of each dimension; a fresh copy.</summary>
    public ReadOnlySpan<long> Shape => Value.Shape;

    /// <summary>The tensor, for operators; null stays null, for biases that a layer does without.</summary>
    [return: NotNullIfNotNull(nameof(parameter))]
    public static implicit operator Tensor?(Parameter? parameter) => parameter?.Value;

    /// <summary>The tensor: what the conversion does, for languages without it.</summary>
    public Tensor ToTensor() => Value;

    /// <summary>Frees the tensor now; the module does.</summary>
    public void Dispose() => Value.Dispose();

    /// <summary>Changes dtype or device within the same tensor, its gradient included.</summary>
    internal void Convert(Func<Tensor, Tensor> conversion) => TensorReplacement.Convert(Value, conversion);
}
