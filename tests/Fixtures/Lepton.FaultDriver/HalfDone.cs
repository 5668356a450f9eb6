using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

/// <summary>
/// A job of four tasks, of which two are done and two never end. It prints "ready" once its event log tells so much.
/// </summary>
internal static class HalfDone
{
    private const int TasksDone = 2;

    public static async Task RunAsync(string folder, LeptonSessionOptions options)
    {
        string log = Path.Combine(folder, "job.jsonl");
        await using LeptonSession session =
            await LeptonSession.LocalAsync(workers: 2, options: options with { EventLogPath = log });
        Task<long> job = session.Range(0, 8, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition >= TasksDone)
                {
                    context.Cancellation.WaitHandle.WaitOne();
                }

                return rows;
            })
            .CountAsync();
        await Task.WhenAny(job, LoggedAsync(log));
        Console.WriteLine("ready");
        await job;
    }

    private static async Task LoggedAsync(string log)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (new EventLogReader(log, lenient: true).OfType<TaskFinished>().Count() < TasksDone)
        {
            await clock.WaitForNextTickAsync();
        }
    }
}
