using System.Globalization;
using Lepton.Coordination.Hosting;

namespace Lepton.Coordination.Compaction;

/// <summary>Reads what <c>--auto-compaction-mode</c> and <c>--auto-compaction-retention</c> say.</summary>
internal static class CompactionSettings
{
    private const string Periodic = "periodic";
    private const string Revision = "revision";

    /// <summary>Makes the policy.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="retention">The retention: a time, or hours as a bare number, or revisions; 0 for none.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>Makes a new policy; null where nothing is compacted by itself.</returns>
    public static Func<ICompactionPolicy>? Read(string mode, string retention, List<string> errors)
    {
        if (mode is not (Periodic or Revision))
        {
            errors.Add($"--auto-compaction-mode: '{mode}' must be {Periodic} or {Revision}.");
            return null;
        }

        bool isNumber = long.TryParse(retention, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        if (isNumber && number == 0)
        {
            return null;
        }

        if (mode == Revision)
        {
            if (!isNumber)
            {
                errors.Add($"--auto-compaction-retention: '{retention}' must be a number of revisions, such as 1000, " +
                    $"in the mode {Revision}.");
                return null;
            }

            return () => new RevisionCompaction(number);
        }

        const long HoursMax = 1_000_000;
        TimeSpan? period = isNumber
            ? number <= HoursMax ? TimeSpan.FromHours(number) : null
            : DurationText.Parse(retention);
        if (period is null || period < TimeSpan.Zero)
        {
            errors.Add($"--auto-compaction-retention: '{retention}' must be a time such as 90m or 12h30m, or a " +
                "number of hours.");
            return null;
        }

        return period == TimeSpan.Zero ? null : () => new PeriodicCompaction(period.Value);
    }
}
