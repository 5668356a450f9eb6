namespace Lepton.Compute.Reports;

/// <summary>Where a moment stands on the drawing, and where the ticks of its axis are.</summary>
internal sealed class TimelineScale(double spanMs, double left, double width)
{
    private const int TicksMax = 11;
    private readonly double _spanMs = spanMs > 0 ? spanMs : 1;

    public double Right => left + width;

    public double X(double ms) => left + (Math.Clamp(ms / _spanMs, 0, 1) * width);

    /// <summary>Round moments, a step of 1, 2 or 5 times a power of ten (or of minutes and hours) apart.</summary>
    public IEnumerable<double> TicksMs()
    {
        double step = Step(_spanMs / TicksMax);
        for (int i = 0; i * step <= _spanMs; i++)
        {
            yield return i * step;
        }
    }

    private static double Step(double least)
    {
        const double Minute = 60_000;
        if (least > 50_000)
        {
            double[] minutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
            double fitting = minutes.FirstOrDefault(m => m * Minute >= least);
            return fitting > 0 ? fitting * Minute : Math.Ceiling(least / (1440 * Minute)) * 1440 * Minute;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double leading = least / power;
        return power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
    }
}
