using System.Globalization;

namespace Lepton.Raft;

/// <summary>Names a node of a Raft cluster for good: an id is never given to another node. 0 is nobody.</summary>
/// <param name="Value">Any number above 0; etcd's protocol calls it the member's ID and prints it in
/// hexadecimal.</param>
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    /// <summary>Nobody: no leader is known, no vote was given.</summary>
    public static NodeId None => default;

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);

    public static bool operator <(NodeId left, NodeId right) => left.Value < right.Value;

    public static bool operator >(NodeId left, NodeId right) => left.Value > right.Value;

    public static bool operator <=(NodeId left, NodeId right) => left.Value <= right.Value;

    public static bool operator >=(NodeId left, NodeId right) => left.Value >= right.Value;
}
