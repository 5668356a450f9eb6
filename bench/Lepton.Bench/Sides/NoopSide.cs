using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Bench.Sides;

/// <summary>
/// Tasks that do nothing, all submitted at once: each partition of a range is one. A data set has a limited number of
/// partitions, so there are several.
/// </summary>
internal static class NoopSide
{
    private const int FirstTasks = 2_000;
    private const double Margin = 1.15;
    private const long DatasetTasksMax = 50_000;

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["seconds-min", .. BenchSession.Options]);
        double secondsMin = arguments.Number("seconds-min") / 1000.0;
        await using LeptonSession session = await BenchSession.StartAsync(arguments);

        // The first run only warms up; of the others, the one that lasts long enough counts.
        bool warm = false;
        for (long tasks = FirstTasks; ; warm = true)
        {
            long started = Stopwatch.GetTimestamp();
            long[] counts = await Task.WhenAll(Parts(tasks).Select(part =>
                session.Range(0, part, partitions: (int)part).Select(number => number).CountAsync()));
            long done = counts.Sum();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (done != tasks)
            {
                throw new InvalidOperationException($"{done} of {tasks} tasks were counted.");
            }

            if (warm && seconds >= secondsMin)
            {
                new SideReport(seconds, tasks / seconds, "", FormattableString.Invariant($"{tasks} tasks")).Print();
                return;
            }

            tasks = (long)(tasks * Math.Clamp(secondsMin / seconds * Margin, warm ? 1.5 : 1, 10));
        }
    }

    private static IEnumerable<long> Parts(long tasks)
    {
        for (; tasks > 0; tasks -= DatasetTasksMax)
        {
            yield return Math.Min(tasks, DatasetTasksMax);
        }
    }
}
