using System.Diagnostics;
using System.Globalization;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;

namespace Lepton.Raft.Tests.Log;

/// <summary>
/// How near the log comes to what the disk can do. Not a test of a number: it prints a table, and only when asked to
/// (<c>-explicit only -class '*LogSpeedTests'</c>).
/// </summary>
public sealed class LogSpeedTests
{
    private const int Rounds = 5;

    [Fact(Explicit = true)]
    public void AppendAndSync_BesideABareLoop_Printed()
    {
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine("entries x bytes | log, syncs/s | bare pwrite+fdatasync of as many bytes | ratio");
        (int Count, int Bytes, int Turns)[] shapes = [(1, 300, 400), (32, 300, 300), (256, 300, 150), (1024, 1024, 40)];
        foreach ((int count, int bytes, int turns) in shapes)
        {
            List<double> log = [];
            List<double> bare = [];
            for (int round = 0; round < Rounds; round++)
            {
                (double rate, int written) = Log(count, bytes, turns);
                log.Add(rate);
                bare.Add(Bare(written, turns));
            }

            double ours = Median(log);
            double disk = Median(bare);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{count} x {bytes} | {ours:F0} ({ours * count * bytes / 1e6:F1} MB/s) | {disk:F0} | " +
                $"{ours / disk:F2}"));
        }
    }

    [Fact(Explicit = true)]
    public void Open_MillionEntries_Printed()
    {
        using LogFixture fixture = new();
        SegmentedLogOptions options = new();
        using (SegmentedLog log = fixture.Open(options))
        {
            LogEntry[] batch = LogFixture.Entries(1, 250, bytes: 300);
            for (int i = 0; i < 4000; i++)
            {
                log.Append([.. batch.Select(entry => entry with { Index = entry.Index + (250L * i) })], null);
            }

            log.Sync();
        }

        long bytes = fixture.Disk.List().Sum(name => new FileInfo(fixture.PathOf(name)).Length);
        // Processor time beside the clock's, as the latter says little on a busy machine.
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        using SegmentedLog again = fixture.Open(options);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double processor = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        Assert.Equal(1_000_000, again.LastIndex.Value);
        start = Stopwatch.GetTimestamp();
        for (LogIndex index = again.FirstIndex; index <= again.LastIndex;)
        {
            index = again.Read(index, again.LastIndex.Next, 1 << 20)[^1].Index.Next;
        }

        double reading = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double readingProcessor = (Environment.CpuUsage.TotalTime - used).TotalSeconds - processor;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes / 1e6:F0} MB opened in {seconds:F2} s, {processor:F2} s of a processor; " +
            $"read in {reading:F2} s, {readingProcessor:F2} s"));
    }

    private static (double Rate, int Written) Log(int count, int bytes, int turns)
    {
        using LogFixture fixture = new();
        using SegmentedLog log = fixture.Open(new SegmentedLogOptions());
        LogEntry[] entries = LogFixture.Entries(1, count, bytes: bytes);
        log.Append(entries, LogFixture.State(1));
        log.Sync();
        long start = Stopwatch.GetTimestamp();
        for (int i = 1; i <= turns; i++)
        {
            log.Append([.. entries.Select(entry => entry with { Index = entry.Index + ((long)i * count) })], null);
            log.Sync();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (turns / seconds, SectorFrame.SectorsFor(BatchCodec.BodyBytes(entries)) * SectorFrame.SectorBytes);
    }

    private static double Bare(int bytes, int turns)
    {
        using LogFixture fixture = new();
        using IDiskFile file = fixture.Disk.Create("bare", 64 << 20);
        byte[] data = new byte[bytes];
        data.AsSpan().Fill(7);
        file.Sync();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < turns; i++)
        {
            file.Write((long)i * bytes, data);
            file.Sync();
        }

        return turns / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
