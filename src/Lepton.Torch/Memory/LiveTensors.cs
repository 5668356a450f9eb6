namespace Lepton.Torch.Memory;

/// <summary>Counts the handles that this process holds; tests see that none is left.</summary>
internal static class LiveTensors
{
    private static long s_count;

    /// <summary>Tensors that were made and not yet freed.</summary>
    public static long Count => Interlocked.Read(ref s_count);

    public static void Add(long count) => Interlocked.Add(ref s_count, count);

    public static void Subtract(long count) => Interlocked.Add(ref s_count, -count);
}
