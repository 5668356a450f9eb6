namespace Lepton.Coordination.Client;

/// <summary>What a watch tells, and from when on.</summary>
public sealed record WatchOptions
{
    /// <summary>
    /// The first revision to tell of, past or future; <see cref="Revision.None"/> is what comes once the watch is in
    /// place. To miss nothing after a read, give the read's <c>Revision.Next</c>.
    /// </summary>
    public Revision StartRevision { get; init; }

    /// <summary>Tell what keys were before, where it is not compacted.</summary>
    public bool WithPrevious { get; init; }

    /// <summary>Do not tell of puts.</summary>
    public bool WithoutPuts { get; init; }

    /// <summary>Do not tell of deletions.</summary>
    public bool WithoutDeletes { get; init; }

    /// <summary>
    /// Also give batches without events, which say up to which revision there were none. They come when the server sees
    /// fit: etcd's by default every 10 minutes.
    /// </summary>
    public bool ReportProgress { get; init; }

    /// <summary>
    /// Called when the watch lost its server and is about to go on with another, or again with the same one. Must not
    /// throw.
    /// </summary>
    public Action<CoordinationException>? OnInterrupted { get; init; }
}
