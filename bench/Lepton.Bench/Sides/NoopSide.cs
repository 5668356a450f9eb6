using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Bench.Sides;

/// <summary>
/// Tasks that do nothing, as many at once as the engine takes: each partition of a range of n in n partitions is one.
/// </summary>
internal static class NoopSide
{
    private const int FirstTasks = 2_000;
    private const double Margin = 1.15;

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
            long done = await session.Range(0, tasks, partitions: (int)tasks).Select(number => number).CountAsync();
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
}
