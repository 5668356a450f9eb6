namespace Lepton.Torch.Optimizers;

/// <summary>Options of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions : AdamOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdamWOptions() => WeightDecay = 0.01;
}
