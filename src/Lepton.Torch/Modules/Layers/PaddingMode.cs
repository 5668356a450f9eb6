namespace Lepton.Torch.Modules;

/// <summary>What is added around the input of a convolution.</summary>
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The input mirrored, without its outermost element.</summary>
    Reflect,

    /// <summary>The outermost element again and again.</summary>
    Replicate,

    /// <summary>The input from its other end.</summary>
    Circular,
}
