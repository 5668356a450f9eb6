using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Compute.Shuffle;

/// <summary>Records that lie one behind the other.</summary>
internal readonly ref struct RecordSpan<T>(ReadOnlySpan<T> records) : IRecordBatch<T>
{
    private readonly ReadOnlySpan<T> _records = records;

    public int Count => _records.Length;

    public T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.Add(ref MemoryMarshal.GetReference(_records), index);
    }
}
