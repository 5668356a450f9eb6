namespace Lepton.Compute.Shuffle;

/// <summary>
/// The first 16 bytes of a text, which is all there is of most words, its length, and its hash. Words of the processor
/// rather than a vector: with a counter behind, two entries fill a cache line.
/// </summary>
internal readonly record struct TextProbe(ulong First, ulong Second, int Length, uint Hash);
