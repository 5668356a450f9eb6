using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary><c>lt_scalar</c>: a number with its kind, as the shim takes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeScalar(long kind, long bits)
{
    public readonly long Kind = kind;
    public readonly long Bits = bits;
}
