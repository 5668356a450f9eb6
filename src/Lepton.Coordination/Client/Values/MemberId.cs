using System.Globalization;

namespace Lepton.Coordination.Client;

/// <summary>Names a member of the cluster. 0 is nobody.</summary>
/// <param name="Value">Any number but 0; etcd's tools print it in hexadecimal.</param>
public readonly record struct MemberId(ulong Value)
{
    /// <summary>Nobody.</summary>
    public static MemberId None => default;

    /// <summary>The number in hexadecimal, as <c>etcdctl</c> prints it.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}
