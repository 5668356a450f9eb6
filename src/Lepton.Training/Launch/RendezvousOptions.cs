using Lepton.Coordination.Client;

namespace Lepton.Training.Launch;

/// <summary>How launchers on several machines meet: at a coordination store. Checked with the launch's
/// options.</summary>
public sealed record RendezvousOptions
{
    /// <summary>The store's servers, Lepton's coordinators or etcd's: scheme, host and port.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>Certificates for <c>https</c> endpoints; null trusts the machine's authorities and shows
    /// none.</summary>
    public CoordinationTlsOptions? Tls { get; init; }

    /// <summary>The training's name; launchers with the same one train together.</summary>
    public string Id { get; init; } = "none";

    /// <summary>Launchers that there must be, 1 or more.</summary>
    public int NodesMin { get; init; } = 1;

    /// <summary>Launchers that there may be, not fewer; others wait until one leaves.</summary>
    public int NodesMax { get; init; } = 1;

    /// <summary>
    /// The address at which the other machines reach this one; null: the one from which it reaches the store.
    /// </summary>
    public string? LocalAddress { get; init; }

    /// <summary>How long a launcher may be silent before the others go on without it; whole seconds, 1 or
    /// more.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a round waits for more launchers once there are enough; 0 or more.</summary>
    public TimeSpan JoinTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait for enough launchers; above 0.</summary>
    public TimeSpan WaitTimeMax { get; init; } = TimeSpan.FromMinutes(10);

    internal IEnumerable<string> Faults()
    {
        if (Endpoints.Count == 0)
        {
            yield return $"{nameof(Endpoints)} is empty: name a coordination server";
        }

        if (Id.Length == 0 || Id.Contains('/', StringComparison.Ordinal))
        {
            yield return $"{nameof(Id)} is '{Id}'; it must not be empty, nor hold a '/'";
        }

        if (NodesMin < 1 || NodesMax < NodesMin)
        {
            yield return $"{nameof(NodesMin)}:{nameof(NodesMax)} is {NodesMin}:{NodesMax}; it must be 1 or more, " +
                "the second not below the first";
        }

        if (LeaseTime < TimeSpan.FromSeconds(1) || LeaseTime.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return $"{nameof(LeaseTime)} is {LeaseTime}; it must be whole seconds, 1 or more";
        }

        if (JoinTime < TimeSpan.Zero || WaitTimeMax <= TimeSpan.Zero)
        {
            yield return $"{nameof(JoinTime)} must be 0 or more, and {nameof(WaitTimeMax)} above 0";
        }
    }
}
