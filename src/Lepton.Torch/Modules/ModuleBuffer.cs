using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Lepton.Torch.Modules;

/// <summary>
/// A tensor that belongs to a module's state and is not trained, such as a running mean: PyTorch's
/// <c>register_buffer</c>. A module finds its buffers in its own fields and properties.
/// </summary>
[DebuggerDisplay("{Value}")]
public sealed class ModuleBuffer : IDisposable
{
    /// <summary>Makes a buffer of a tensor and takes it over, out of all scopes.</summary>
    /// <param name="value">Its first value; cut off from recorded operators.</param>
    /// <param name="isPersistent">Whether it is saved with the module's state.</param>
    public ModuleBuffer(Tensor value, bool isPersistent = true)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = (value.RequiresGrad ? value.Detach() : value).Persist();
        IsPersistent = isPersistent;
    }

    /// <summary>The tensor; always the same one. Change it in place.</summary>
    public Tensor Value { get; }

    /// <summary>Whether it is saved with the module's state.</summary>
    public bool IsPersistent { get; }

    /// <summary>The tensor, for operators; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(buffer))]
    public static implicit operator Tensor?(ModuleBuffer? buffer) => buffer?.Value;

    /// <summary>The tensor: what the conversion does, for languages without it.</summary>
    public Tensor ToTensor() => Value;

    /// <summary>Frees the tensor now; the module does.</summary>
    public void Dispose() => Value.Dispose();

    /// <summary>Changes dtype or device within the same tensor.</summary>
    internal void Convert(Func<Tensor, Tensor> conversion) => TensorReplacement.Convert(Value, conversion);
}
