using Lepton.Torch.Native;

namespace Lepton.Torch.Distributed;

/// <summary>How a <see cref="Reducer"/> works; PyTorch's defaults but for the views.</summary>
public sealed record ReducerOptions
{
    /// <summary>A bucket's size in bytes; 25 MiB by default.</summary>
    public long BucketBytes { get; init; } = 25L * 1024 * 1024;

    /// <summary>The size of the bucket that is ready first; 1 MiB by default, so that sending starts early.</summary>
    public long FirstBucketBytes { get; init; } = 1024 * 1024;

    /// <summary>Whether to look, in each step, for parameters that a backward does not reach; costs a pass.</summary>
    public bool FindUnused { get; init; }

    /// <summary>
    /// Whether gradients are views of the buckets, which saves a copy and the memory of one; they must then be zeroed
    /// in place, not be set to null. On by default.
    /// </summary>
    public bool GradientsAsViews { get; init; } = true;

    /// <summary>Whether every step uses the same parameters in the same order.</summary>
    public bool StaticGraph { get; init; }

    internal NativeReducerOptions ToNative()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BucketBytes, 1, nameof(BucketBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstBucketBytes, 1, nameof(FirstBucketBytes));
        return new NativeReducerOptions
        {
            BucketBytes = BucketBytes,
            FirstBucketBytes = FirstBucketBytes,
            FindUnused = FindUnused ? 1 : 0,
            GradientsAsViews = GradientsAsViews ? 1 : 0,
            StaticGraph = StaticGraph ? 1 : 0,
        };
    }
}
