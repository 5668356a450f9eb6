using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>A bucket as exchanges take it.</summary>
/// <param name="Flat">float32 [n] on the CPU: this rank's gradients, one parameter behind the other.</param>
/// <param name="Places">Which parameters.</param>
internal sealed record ExchangeBucket(Tensor Flat, IReadOnlyList<int> Places);
