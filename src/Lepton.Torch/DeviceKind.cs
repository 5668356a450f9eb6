namespace Lepton.Torch;

/// <summary>The kinds of devices, by libtorch's numbers (<c>c10::DeviceType</c>).</summary>
public enum DeviceKind
{
    /// <summary>The machine's processors and memory.</summary>
    Cpu = 0,

    /// <summary>A GPU of NVIDIA, or of AMD where libtorch was built for those.</summary>
    Cuda = 1,

    /// <summary>No memory at all: tensors that have a shape and a dtype only.</summary>
    Meta = 14,
}
