namespace Lepton.Training.Loop;

/// <summary>What a training's forward computes in.</summary>
public enum TrainingPrecision
{
    /// <summary>Float32: 32 bits, of which 24 are significant.</summary>
    Full,

    /// <summary>
    /// Bfloat16, 16 bits of which 8 are significant, where that is safe (products, convolutions), and float32 elsewhere
    /// (losses, norms, sums): PyTorch's <c>autocast</c>. It halves the memory of what is kept for backward, and is
    /// faster where the processor has instructions for it; where it has none, it is slower. As its exponents are those
    /// of float32, no loss needs to be scaled.
    /// </summary>
    MixedBFloat16,
}
