using Lepton.Torch.Native;

namespace Lepton.Torch.Autograd;

/// <summary>Whether this thread records operators for backward, until it is disposed; then as before.</summary>
public readonly ref struct GradModeScope
{
    private readonly bool _before;

    internal GradModeScope(bool isEnabled)
    {
        _before = Torch.IsGradEnabled;
        NativeAutograd.SetGradEnabled(isEnabled ? 1 : 0);
    }

    /// <summary>Sets the mode as it was.</summary>
    public void Dispose() => NativeAutograd.SetGradEnabled(_before ? 1 : 0);
}
