using System.Runtime.InteropServices;

namespace Lepton.Torch;

/// <summary>What the memory of a GPU holds, in bytes. Of <c>lt_cuda_memory</c>'s layout.</summary>
/// <param name="AllocatedBytes">What this process' tensors hold.</param>
/// <param name="AllocatedBytesPeak">The most that they held so far.</param>
/// <param name="ReservedBytes">What libtorch holds, for tensors that are and for later ones.</param>
/// <param name="FreeBytes">What is free on the GPU, which other processes use too.</param>
/// <param name="TotalBytes">What the GPU has.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct CudaMemory(
    long AllocatedBytes, long AllocatedBytesPeak, long ReservedBytes, long FreeBytes, long TotalBytes);
