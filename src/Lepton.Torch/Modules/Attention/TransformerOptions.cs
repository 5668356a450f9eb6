namespace Lepton.Torch.Modules;

/// <summary>Options of <see cref="TransformerEncoderLayer"/>, with PyTorch's defaults.</summary>
public sealed record TransformerOptions
{
    /// <summary>The size of the layer between the two of the feed-forward part, 1 or more.</summary>
    public long FeedForward { get; init; } = 2048;

    /// <summary>The share that is dropped in training, from 0 to 1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Between the two layers of the feed-forward part; null: the rectifier.</summary>
    public Func<Tensor, Tensor>? Activation { get; init; }

    /// <summary>What is added to variances in the normalisation.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether inputs are [n, length, width] instead of [length, n, width].</summary>
    public bool BatchFirst { get; init; }

    /// <summary>Whether parts are normalised before they are computed, not after.</summary>
    public bool NormFirst { get; init; }

    /// <summary>Whether a place sees only those before it, and itself.</summary>
    public bool IsCausal { get; init; }
}
