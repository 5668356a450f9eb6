using System.Globalization;

namespace Lepton.Raft;

/// <summary>A period with at most one leader (Raft thesis §3.3). Terms only grow; 0 is before the first
/// election.</summary>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>Before the first election.</summary>
    public static Term Zero => default;

    /// <summary>The term after this one.</summary>
    public Term Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;
}
