namespace Lepton.Core.Partitioning;

/// <summary>A node of a <see cref="ConsistentHashRing"/>.</summary>
/// <param name="Name">Its name, different from all others'; it alone decides where the node stands on the ring.</param>
/// <param name="Weight">Its share of the keys, relative to the other nodes'; above 0. 1 by default.</param>
public readonly record struct RingNode(string Name, double Weight = 1);
