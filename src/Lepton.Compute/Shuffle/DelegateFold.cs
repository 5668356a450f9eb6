using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>A fold by the user's functions.</summary>
internal readonly struct DelegateFold<T, TKey, TState>(
    Func<T, TKey> key, Func<TKey, TState> seed, Func<TState, T, TState> accumulate) : IFold<T, TKey, TState>
{
    public bool KeyIsRecord { get; } = IdentityFunction.Is(key);

    public bool LetsGoOfRecords => false;

    public TKey Key(T record) => key(record);

    public TState Seed(TKey k) => seed(k);

    public TState Add(TState state, T record) => accumulate(state, record);
}
