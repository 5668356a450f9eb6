namespace Lepton.Coordination.Services;

/// <summary>How long a lease still has by the leader's clock.</summary>
/// <param name="Remaining">The time until it ends; negative where there is no such lease.</param>
/// <param name="GrantedSeconds">The time that it was granted, and has after each keep-alive.</param>
internal readonly record struct LeaseTime(TimeSpan Remaining, long GrantedSeconds)
{
    /// <summary>There is no such lease, or it has ended.</summary>
    public static LeaseTime NotFound => new(TimeSpan.FromTicks(-1), 0);

    /// <summary>Whether the lease is there.</summary>
    public bool Exists => Remaining >= TimeSpan.Zero;
}
