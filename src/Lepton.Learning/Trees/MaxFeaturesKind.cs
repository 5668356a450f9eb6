namespace Lepton.Learning;

/// <summary>The ways of saying how many features a split looks at; see <see cref="MaxFeatures"/>.</summary>
public enum MaxFeaturesKind
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>The square root of their number.</summary>
    Sqrt,

    /// <summary>The binary logarithm of their number.</summary>
    Log2,

    /// <summary>A fixed count.</summary>
    Count,

    /// <summary>A part of them.</summary>
    Fraction,
}
