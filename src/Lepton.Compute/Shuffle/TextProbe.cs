using System.Runtime.Intrinsics;

namespace Lepton.Compute.Shuffle;

/// <summary>The first 16 bytes of a text, and its length: all there is of most words.</summary>
internal readonly record struct TextProbe(Vector128<byte> First, int Length);
