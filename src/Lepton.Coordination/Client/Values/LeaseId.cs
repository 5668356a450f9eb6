using System.Globalization;

namespace Lepton.Coordination.Client;

/// <summary>Names a lease. 0 is none.</summary>
/// <param name="Value">Any number but 0; etcd's tools print it in hexadecimal.</param>
public readonly record struct LeaseId(long Value)
{
    /// <summary>No lease: the key stays until it is deleted.</summary>
    public static LeaseId None => default;

    /// <summary>The number in hexadecimal, as <c>etcdctl</c> prints it.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}
