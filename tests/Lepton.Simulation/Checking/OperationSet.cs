namespace Lepton.Simulation.Checking;

/// <summary>A set of operations by their numbers. Immutable, compared by value.</summary>
internal readonly struct OperationSet : IEquatable<OperationSet>
{
    private readonly ulong[] _words;

    public OperationSet(int count) => _words = new ulong[(count + 63) / 64];

    private OperationSet(ulong[] words) => _words = words;

    public bool Contains(int operation) => (_words[operation / 64] & (1UL << (operation % 64))) != 0;

    public OperationSet With(int operation) => Toggled(operation);

    public OperationSet Without(int operation) => Toggled(operation);

    public bool Equals(OperationSet other) => _words.AsSpan().SequenceEqual(other._words);

    public override bool Equals(object? obj) => obj is OperationSet other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong word in _words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    private OperationSet Toggled(int operation)
    {
        ulong[] words = [.. _words];
        words[operation / 64] ^= 1UL << (operation % 64);
        return new OperationSet(words);
    }
}
