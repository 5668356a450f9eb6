namespace Lepton.Torch.Memory;

/// <summary>
/// Has the garbage collector run where tensors that nobody frees have piled up: it sees small objects, not the
/// megabytes behind them, and would let them grow until the machine has no memory left (TorchSharp#1278, #1257).
/// Within a <see cref="TensorScope"/> none of this is needed.
/// </summary>
/// <remarks>
/// A collection is due when the bytes of unscoped tensors have grown by <c>growthBytesMin</c> and by half since the
/// last one. So a program that really holds much is not stopped again and again.
/// </remarks>
internal sealed class UnscopedMemory
{
    private readonly long _growthBytesMin;
    private readonly Action _collect;
    private long _bytes;
    private long _collectAt;
    private int _isCollecting;

    public UnscopedMemory(long growthBytesMin, Action collect)
    {
        _growthBytesMin = growthBytesMin;
        _collect = collect;
        _collectAt = growthBytesMin;
    }

    /// <summary>The one of this process, as libtorch's memory is.</summary>
    public static UnscopedMemory Process { get; } = new(256L << 20, CollectGarbage);

    /// <summary>Bytes of storage behind unscoped tensors; storage behind several of them counts for each.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts a tensor that only the collector will free.</summary>
    public void Add(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) >= Interlocked.Read(ref _collectAt))
        {
            Collect();
        }
    }

    /// <summary>Counts a tensor as gone.</summary>
    public void Remove(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    private void Collect()
    {
        // One collection serves all threads.
        if (Interlocked.Exchange(ref _isCollecting, 1) != 0)
        {
            return;
        }

        try
        {
            _collect();
            long kept = Bytes;
            Interlocked.Exchange(ref _collectAt, kept + Math.Max(_growthBytesMin, kept / 2));
        }
        finally
        {
            Interlocked.Exchange(ref _isCollecting, 0);
        }
    }

    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
