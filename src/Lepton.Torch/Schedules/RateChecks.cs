namespace Lepton.Torch.Schedules;

/// <summary>Checks of schedules' numbers.</summary>
internal static class RateChecks
{
    public static void RequireShare(double value, string name)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "A share of the rate is from 0 to 1.");
        }
    }
}
