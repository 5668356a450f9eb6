using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary><c>lt_store_functions</c>: what a store of ours does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStoreFunctions
{
    public delegate* unmanaged<nint, byte*, byte*, long, int> Set;
    public delegate* unmanaged<nint, byte*, long, byte**, long*, int> Get;
    public delegate* unmanaged<nint, byte*, long, long*, int> Add;
    public delegate* unmanaged<nint, byte*, byte*, long, byte*, long, byte**, long*, int> CompareSet;
    public delegate* unmanaged<nint, byte*, int*, int> Remove;
    public delegate* unmanaged<nint, byte**, int, int*, int> Check;
    public delegate* unmanaged<nint, byte**, int, long, int> Wait;
    public delegate* unmanaged<nint, long*, int> Count;
    public delegate* unmanaged<nint, void> Release;
}
