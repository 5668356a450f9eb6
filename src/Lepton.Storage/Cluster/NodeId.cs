namespace Lepton.Storage.Cluster;

/// <summary>
/// A storage node, for as long as its data directory lives: 32 hexadecimal digits, drawn when that was made.
/// </summary>
internal readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
