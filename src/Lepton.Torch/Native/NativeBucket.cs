using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary><c>lt_bucket</c>: what a communication hook is told.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBucket
{
    public long Index;
    public int IsLast;
    public int ParameterCount;
    public nint Buffer;
    public nint* Parameters;
}
