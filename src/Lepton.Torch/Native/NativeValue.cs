using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary><c>lt_value</c>: one argument or result of a boxed call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeValue
{
    public int Kind;
    public int Count;
    public long Bits;
    public byte* Name;
}
