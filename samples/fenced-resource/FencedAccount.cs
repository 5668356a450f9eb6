namespace FencedResource;

/// <summary>
/// What the lock protects: a number that is written whole. It keeps the largest fencing token that it has seen and
/// refuses smaller ones. That is all that a resource needs to do; a database does it with one more column.
/// </summary>
public sealed class FencedAccount(long balance)
{
    private readonly Lock _gate = new();
    private long _tokenMax;

    /// <summary>What is in it.</summary>
    public long Balance { get; private set; } = balance;

    /// <summary>Writes a balance.</summary>
    /// <returns>Whether it was written.</returns>
    public bool TryWrite(long balance, long fencingToken)
    {
        lock (_gate)
        {
            if (fencingToken < _tokenMax)
            {
                return false;
            }

            _tokenMax = fencingToken;
            Balance = balance;
            return true;
        }
    }
}
