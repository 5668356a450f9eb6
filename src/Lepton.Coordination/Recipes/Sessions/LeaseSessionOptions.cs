namespace Lepton.Coordination.Recipes;

/// <summary>How long a lease lives without a sign of life.</summary>
public sealed record LeaseSessionOptions
{
    /// <summary>
    /// How long the servers wait for a sign of life before they end the lease: 10 s by default, 1 s at least, in whole
    /// seconds. Short ones free a dead holder's lock sooner, and take the lock from a live one sooner when servers or
    /// networks are slow; an election of the servers' leader must fit in.
    /// </summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Throws where it is wrong.</summary>
    internal void Validate()
    {
        if (Ttl < TimeSpan.FromSeconds(1) || Ttl > TimeSpan.FromDays(1) || Ttl.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentException(
                $"{nameof(Ttl)} is {Ttl}; it must be whole seconds, from 1 s to a day: servers count leases in " +
                "seconds.");
        }
    }
}
