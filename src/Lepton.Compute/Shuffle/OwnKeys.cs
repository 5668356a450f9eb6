using System.Runtime.CompilerServices;

namespace Lepton.Compute.Shuffle;

/// <summary>The keys of records that are each their own key: both are of one type.</summary>
internal readonly ref struct OwnKeys<T, TKey, TRecords>(TRecords records) : IRecordBatch<TKey>
    where TRecords : struct, IRecordBatch<T>, allows ref struct
{
    private readonly TRecords _records = records;

    public int Count => _records.Count;

    public TKey this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            T record = _records[index];
            return Unsafe.As<T, TKey>(ref record);
        }
    }
}
