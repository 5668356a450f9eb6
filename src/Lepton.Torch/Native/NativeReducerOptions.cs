using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary><c>lt_reducer_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeReducerOptions
{
    public long BucketBytes;
    public long FirstBucketBytes;
    public int FindUnused;
    public int GradientsAsViews;
    public int StaticGraph;
}
