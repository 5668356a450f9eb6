using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// How the records of a key become its state. A struct, so that each kind of fold gets code of its own, without a call
/// through a delegate where it knows better.
/// </summary>
internal interface IFold<T, TKey, TState>
{
    /// <summary>Whether each record is its own key, so that <see cref="Key"/> need not be asked.</summary>
    bool KeyIsRecord { get; }

    /// <summary>
    /// Whether no part of a record outlives its turn, but as a key, and no code of the user's has seen it.
    /// </summary>
    bool LetsGoOfRecords { get; }

    TKey Key(T record);

    /// <summary>The state of a key before its first record.</summary>
    TState Seed(TKey key);

    TState Add(TState state, T record);
}
