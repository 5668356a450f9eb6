using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>Counts the records of each key.</summary>
internal readonly struct CountFold<T, TKey>(Func<T, TKey> key) : IFold<T, TKey, long>
{
    public bool KeyIsRecord { get; } = IdentityFunction.Is(key);

    public bool LetsGoOfRecords => KeyIsRecord;

    public TKey Key(T record) => key(record);

    public long Seed(TKey k) => 0;

    public long Add(long state, T record) => state + 1;
}
