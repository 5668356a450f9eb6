namespace Lepton.Compute.Tests.Replay;

/// <summary>
/// Functions as a user's program has them. Some misbehave only while a marker file is there, so that a replay can be
/// watched.
/// </summary>
internal static class UserCode
{
    public static int RefuseSeven(int record) =>
        record == 7 ? throw new BadRecordException($"record {record} is bad", record) : record;

    public static KeyValuePair<int, int> RefuseKeyFive(KeyValuePair<int, int> pair) =>
        pair.Key == 5 ? throw new BadRecordException($"key {pair.Key} has {pair.Value}", pair.Key) : pair;

    public static int KillWorker(int record, string marker)
    {
        if (record == 7 && File.Exists(marker))
        {
            System.Diagnostics.Process.GetCurrentProcess().Kill();
        }

        return record;
    }

    public static IEnumerable<int> Hang(IEnumerable<int> records, string marker, CancellationToken cancellation)
    {
        if (File.Exists(marker))
        {
            cancellation.WaitHandle.WaitOne();
            cancellation.ThrowIfCancellationRequested();
        }

        return records;
    }
}
