namespace Lepton.Coordination.Client;

/// <summary>One change of one key.</summary>
/// <param name="Kind">Whether it was put or deleted.</param>
/// <param name="Entry">The key as it is since; of a deletion only the key and <see cref="KeyValue.ModRevision"/>, the
/// revision of the deletion.</param>
/// <param name="Previous">The key before, where it was asked for, was there, and is not compacted.</param>
public sealed record WatchEvent(WatchEventKind Kind, KeyValue Entry, KeyValue? Previous);
