namespace Lepton.Torch.Distributed;

/// <summary>
/// A store of the program's own that ranks meet at, such as one kept in a coordination service. libtorch calls it from
/// threads of its own, several at a time. What a method throws becomes the failure of the call that needed it; a
/// <see cref="TimeoutException"/> says that a key did not come in time.
/// </summary>
public interface IKeyValueStore
{
    /// <summary>Sets a key.</summary>
    void Set(string key, ReadOnlySpan<byte> value);

    /// <summary>The value of a key, waited for as long as <paramref name="timeout"/>.</summary>
    byte[] Get(string key, TimeSpan timeout);

    /// <summary>Adds to a number that is kept as decimal text, from 0, and gives the sum. Atomic.</summary>
    long Add(string key, long amount);

    /// <summary>
    /// Sets a key where it holds <paramref name="expected"/>, or is missing and that is empty. Atomic.
    /// </summary>
    /// <returns>What the key holds then; <paramref name="expected"/> where it is missing.</returns>
    byte[] CompareSet(string key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> wanted);

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    bool Remove(string key);

    /// <summary>Whether all keys are there.</summary>
    bool Contains(IReadOnlyList<string> keys);

    /// <summary>Waits until all keys are there.</summary>
    /// <exception cref="TimeoutException">They are not within <paramref name="timeout"/>.</exception>
    void Wait(IReadOnlyList<string> keys, TimeSpan timeout);

    /// <summary>How many keys there are.</summary>
    long Count();
}
