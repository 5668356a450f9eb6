using System.Buffers;

namespace Lepton.Torch.Memory;

/// <summary>Memory of .NET's that a tensor lies over, pinned until the tensor is gone.</summary>
internal sealed class PinnedMemory(MemoryHandle handle) : IDisposable
{
    private MemoryHandle _handle = handle;

    public unsafe void* Pointer => _handle.Pointer;

    public void Dispose() => _handle.Dispose();
}
