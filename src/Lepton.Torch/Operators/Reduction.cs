namespace Lepton.Torch;

/// <summary>What a loss makes of the losses of single elements, by libtorch's numbers.</summary>
public enum Reduction
{
    /// <summary>Leaves them as they are.</summary>
    None = 0,

    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>Their sum.</summary>
    Sum = 2,
}
