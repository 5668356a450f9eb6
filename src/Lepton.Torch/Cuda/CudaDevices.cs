using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// The GPUs that libtorch can use: PyTorch's <c>torch.cuda</c>. What is asked of a GPU is done later, in the order in
/// which it was asked; whoever reads a number of a tensor waits for it.
/// </summary>
public static class CudaDevices
{
    /// <summary>Whether there is a GPU, and this libtorch was built for it.</summary>
    public static bool IsAvailable => Count > 0;

    /// <summary>How many GPUs can be used; 0 without CUDA.</summary>
    public static int Count
    {
        get
        {
            TorchFailure.Check(NativeCuda.DeviceCount(out int count), "CUDA device count");
            return count;
        }
    }

    /// <summary>A GPU's own name.</summary>
    /// <param name="index">Which one, from 0; -1 for the current one.</param>
    /// <exception cref="TorchOperatorException">There is no such GPU.</exception>
    public static unsafe string NameOf(int index = 0)
    {
        TorchFailure.Check(NativeCuda.DeviceName(index, out byte* text), "CUDA device name");
        return NativeText.Taken(text) ?? "";
    }

    /// <summary>Returns when a GPU has done all that it was asked for; to measure time, and to see errors.</summary>
    /// <inheritdoc cref="NameOf"/>
    public static void Synchronize(int index = 0) =>
        TorchFailure.Check(NativeCuda.Synchronize(index), "CUDA synchronize");

    /// <summary>What a GPU's memory holds.</summary>
    /// <inheritdoc cref="NameOf"/>
    public static CudaMemory MemoryOf(int index = 0)
    {
        TorchFailure.Check(NativeCuda.MemoryOf(index, out CudaMemory memory), "CUDA memory");
        return memory;
    }

    /// <summary>Gives memory that libtorch keeps for later tensors back to the GPUs.</summary>
    public static void EmptyCache() => TorchFailure.Check(NativeCuda.EmptyCache(), "CUDA empty cache");

    /// <summary>
    /// Whether products and convolutions of float32 may be computed in TF32, which keeps 10 bits of the fraction and is
    /// several times faster. As in PyTorch, convolutions may at first, and products may not. For all threads.
    /// </summary>
    public static void AllowTF32(bool isAllowed) =>
        TorchFailure.Check(NativeCuda.AllowTF32(isAllowed ? 1 : 0), "allow TF32");
}
