using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client;

/// <summary>
/// What must hold for the first branch of a <see cref="Txn"/> to be carried out. Given a range, it must hold for every
/// key there. A key that is not there has version and revisions 0, and no value that any comparison would hold for.
/// </summary>
public sealed class Condition
{
    private readonly Pb.Compare _compare;
    private readonly KeyRange _keys;

    private Condition(KeyRange keys, Comparison comparison, Pb.Compare compare)
    {
        compare.Key = Wire.ToWire(keys.Start);
        compare.RangeEnd = Wire.ToWire(keys.End);
        compare.Result = comparison switch
        {
            Comparison.Equal => Pb.Compare.Types.CompareResult.Equal,
            Comparison.Greater => Pb.Compare.Types.CompareResult.Greater,
            Comparison.Less => Pb.Compare.Types.CompareResult.Less,
            Comparison.NotEqual => Pb.Compare.Types.CompareResult.NotEqual,
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "There is no such comparison."),
        };
        _keys = keys;
        _compare = compare;
    }

    /// <summary>The key is there.</summary>
    public static Condition Exists(Bytes key) => CreateRevision(key, Comparison.NotEqual, Revision.None);

    /// <summary>The key is not there.</summary>
    public static Condition Absent(Bytes key) => CreateRevision(key, Comparison.Equal, Revision.None);

    /// <summary>Compares how many times a key was put since it came to be.</summary>
    public static Condition Version(KeyRange keys, Comparison comparison, long version) => new(
        keys, comparison, new Pb.Compare { Target = Pb.Compare.Types.CompareTarget.Version, Version = version });

    /// <summary>Compares when a key came to be.</summary>
    public static Condition CreateRevision(KeyRange keys, Comparison comparison, Revision revision) => new(
        keys, comparison,
        new Pb.Compare { Target = Pb.Compare.Types.CompareTarget.Create, CreateRevision = revision.Value });

    /// <summary>Compares when a key was put last: equal to what was read, nobody has changed it since.</summary>
    public static Condition ModRevision(KeyRange keys, Comparison comparison, Revision revision) => new(
        keys, comparison, new Pb.Compare { Target = Pb.Compare.Types.CompareTarget.Mod, ModRevision = revision.Value });

    /// <summary>Compares a key's value, byte by byte.</summary>
    public static Condition Value(KeyRange keys, Comparison comparison, Bytes value) => new(
        keys, comparison, new Pb.Compare { Target = Pb.Compare.Types.CompareTarget.Value, Value = Wire.ToWire(value) });

    /// <summary>Compares the lease that a key ends with.</summary>
    public static Condition Lease(KeyRange keys, Comparison comparison, LeaseId lease) => new(
        keys, comparison, new Pb.Compare { Target = Pb.Compare.Types.CompareTarget.Lease, Lease = lease.Value });

    /// <inheritdoc/>
    public override string ToString() => $"{_compare.Target} of {_keys} is {_compare.Result}";

    internal Pb.Compare ToWire() => _compare;
}
