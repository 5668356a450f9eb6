using System.Globalization;

namespace Lepton.Coordination.Client;

/// <summary>
/// A number that the store counts up with every change of any key: it orders all changes and dates all reads. A lock's
/// is its fencing token. 0 is no revision.
/// </summary>
/// <param name="Value">From 1.</param>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    /// <summary>No revision; where one may be asked for, the latest.</summary>
    public static Revision None => default;

    /// <summary>The one after this.</summary>
    public Revision Next => new(Value + 1);

    public static bool operator <(Revision left, Revision right) => left.Value < right.Value;

    public static bool operator >(Revision left, Revision right) => left.Value > right.Value;

    public static bool operator <=(Revision left, Revision right) => left.Value <= right.Value;

    public static bool operator >=(Revision left, Revision right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
