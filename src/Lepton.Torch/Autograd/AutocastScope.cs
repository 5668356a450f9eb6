using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Autograd;

/// <summary>Has this thread compute in a smaller dtype where that is safe, until it is disposed; then as
/// before.</summary>
public readonly ref struct AutocastScope
{
    private readonly int _deviceType;
    private readonly int _before;

    internal AutocastScope(DType dtype, Device device)
    {
        _deviceType = (int)device.Kind;
        TorchFailure.Check(NativeAutograd.AutocastBegin(_deviceType, (int)dtype, out _before), "autocast");
    }

    /// <summary>Sets the mode as it was.</summary>
    public void Dispose() => NativeAutograd.AutocastEnd(_deviceType, _before);
}
