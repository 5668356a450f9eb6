namespace Lepton.Coordination.Client;

/// <summary>How keys are read. The defaults read all of the range, as it is now, in the order of the keys.</summary>
public sealed record RangeOptions
{
    /// <summary>How many keys at most; 0 for all.</summary>
    public long Limit { get; init; }

    /// <summary>Read as it was at this revision; <see cref="Revision.None"/> is now.</summary>
    public Revision AtRevision { get; init; }

    /// <summary>By what the keys are ordered, before the limit is applied.</summary>
    public RangeOrder OrderBy { get; init; }

    /// <summary>Largest first.</summary>
    public bool Descending { get; init; }

    /// <summary>Leave the values out.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Leave all out but <see cref="RangeResult.Count"/>.</summary>
    public bool CountOnly { get; init; }

    /// <summary>
    /// Have the member answer from what it knows, without asking the others: faster, there also without a majority, and
    /// maybe out of date. Otherwise the answer holds all that was acknowledged before the call (linearizable).
    /// </summary>
    public bool Serializable { get; init; }

    /// <summary>Only keys that were put at this revision or later.</summary>
    public Revision ModRevisionMin { get; init; }

    /// <summary>Only keys that were put at this revision or earlier.</summary>
    public Revision ModRevisionMax { get; init; }

    /// <summary>Only keys that came to be at this revision or later.</summary>
    public Revision CreateRevisionMin { get; init; }

    /// <summary>Only keys that came to be at this revision or earlier.</summary>
    public Revision CreateRevisionMax { get; init; }

    /// <summary>The time for the call, retries included; null is the client's.</summary>
    public TimeSpan? Timeout { get; init; }
}
