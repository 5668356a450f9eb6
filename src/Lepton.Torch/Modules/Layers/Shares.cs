namespace Lepton.Torch.Modules;

/// <summary>Checks of numbers that are shares.</summary>
internal static class Shares
{
    /// <summary>The number, if it is from 0 to 1.</summary>
    public static double Require(double p) => p is >= 0 and <= 1
        ? p
        : throw new ArgumentOutOfRangeException(nameof(p), p, "A share of elements is from 0 to 1.");
}
