namespace Lepton.Coordination.Client.Leases;

/// <summary>The protocol's times to live.</summary>
internal static class LeaseTtl
{
    /// <summary>The longest that etcd grants: 9,000,000,000 s is refused, so ours stay far below.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(365);

    /// <summary>Whole seconds, rounded up: a lease may live longer than was asked for, never shorter.</summary>
    public static long ToSeconds(TimeSpan ttl) =>
        (ttl.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
}
