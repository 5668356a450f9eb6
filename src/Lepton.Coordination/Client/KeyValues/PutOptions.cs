namespace Lepton.Coordination.Client;

/// <summary>How a key is put.</summary>
public sealed record PutOptions
{
    /// <summary>The lease that the key ends with; <see cref="LeaseId.None"/> for a key that stays.</summary>
    public LeaseId Lease { get; init; }

    /// <summary>Tell what the key was before.</summary>
    public bool WithPrevious { get; init; }

    /// <summary>Keep the value that the key has, and change only its lease; the key must be there.</summary>
    public bool KeepValue { get; init; }

    /// <summary>Keep the lease that the key has; the key must be there.</summary>
    public bool KeepLease { get; init; }

    /// <summary>The time for the call; null is the client's.</summary>
    public TimeSpan? Timeout { get; init; }
}
