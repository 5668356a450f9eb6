namespace Lepton.Torch.Modules;

/// <summary>Options of <see cref="LSTM"/> and <see cref="GRU"/>, with PyTorch's defaults.</summary>
public sealed record RecurrentOptions
{
    /// <summary>Layers one on the other, 1 or more.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether there are biases.</summary>
    public bool HasBiases { get; init; } = true;

    /// <summary>
    /// Whether inputs and outputs are [n, time, ..] instead of [time, n, ..]. States are [layers, n, ..].
    /// </summary>
    public bool BatchFirst { get; init; }

    /// <summary>
    /// The share of each layer's outputs, but the last one's, that is dropped in training; from 0 to 1.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>Whether sequences are also read from their ends: outputs are twice as wide.</summary>
    public bool Bidirectional { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Layers, 1);
        Shares.Require(Dropout);
    }
}
