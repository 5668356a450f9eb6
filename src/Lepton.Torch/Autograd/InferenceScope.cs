using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Autograd;

/// <summary>Has this thread make tensors that never take part in autograd, until it is disposed.</summary>
public readonly ref struct InferenceScope
{
    private readonly nint _guard;

    /// <summary>Begins.</summary>
    public InferenceScope() =>
        TorchFailure.Check(NativeAutograd.InferenceBegin(out _guard), "inference mode");

    /// <summary>Sets the mode as it was.</summary>
    public void Dispose() => NativeAutograd.InferenceEnd(_guard);
}
