using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>A parameter and what an optimizer remembers of it.</summary>
internal sealed class OptimizerEntry(NamedParameter named, int slots)
{
    public string Name => named.Name;

    public Tensor Tensor { get; } = named.Parameter.Value;

    /// <summary>Steps that it was part of.</summary>
    public long Steps { get; set; }

    /// <summary>The optimizer's tensors for it; missing before its first step. They belong to no scope.</summary>
    public Tensor?[] Slots { get; } = new Tensor?[slots];

    /// <summary>A slot's tensor, zeros of the parameter's shape at first.</summary>
    public nint SlotOrZeros(int slot, double value = 0)
    {
        Tensor tensor = Slots[slot] ??= value == 0
            ? Torch.ZerosLike(Tensor).Persist()
            : Torch.ZerosLike(Tensor).FillInPlace(value).Persist();
        return tensor.Handle;
    }
}
