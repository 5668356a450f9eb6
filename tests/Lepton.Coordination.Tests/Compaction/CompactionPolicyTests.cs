using Lepton.Coordination.Compaction;

namespace Lepton.Coordination.Tests.Compaction;

public sealed class CompactionPolicyTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Periodic_LongPeriod_CompactsHourlyAtTheRevisionOfAPeriodAgo()
    {
        PeriodicCompaction policy = new(TimeSpan.FromHours(3));

        // One revision a minute.
        List<(TimeSpan Time, long Revision)> due = Run(
            policy, TimeSpan.FromHours(6), TimeSpan.FromSeconds(10), time => 1 + (long)time.TotalMinutes);

        Assert.Equal([3, 4, 5, 6], due.Select(one => (int)Math.Round(one.Time.TotalHours)));
        Assert.All(due, one => Assert.InRange(one.Time.TotalMinutes - (one.Revision - 1), 180, 180 + 7));
        Assert.All(
            due.Zip(due.Skip(1)), pair => Assert.True(pair.Second.Time - pair.First.Time >= TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Periodic_ShortPeriod_CompactsOnceAPeriod()
    {
        PeriodicCompaction policy = new(TimeSpan.FromSeconds(10));

        List<(TimeSpan Time, long Revision)> due =
            Run(policy, TimeSpan.FromMinutes(1), Tick, time => 1 + (long)time.TotalSeconds);

        Assert.InRange(due.Count, 5, 6);
        Assert.All(due, one => Assert.InRange(one.Time.TotalSeconds - (one.Revision - 1), 10, 12.5));
    }

    [Fact]
    public void Periodic_NothingWritten_CompactsNoMore()
    {
        PeriodicCompaction policy = new(TimeSpan.FromSeconds(10));

        List<(TimeSpan Time, long Revision)> due = Run(policy, TimeSpan.FromMinutes(5), Tick, _ => 5);

        Assert.Equal([5], due.Select(one => one.Revision));
    }

    [Fact]
    public void Periodic_CompactionFails_IsDueAgainSoon()
    {
        PeriodicCompaction policy = new(TimeSpan.FromSeconds(10));
        List<TimeSpan> tries = [];
        for (TimeSpan now = TimeSpan.Zero; now < TimeSpan.FromSeconds(15); now += Tick)
        {
            if (policy.Look(now, 1 + (long)now.TotalSeconds) is { } revision)
            {
                tries.Add(now);
                policy.Tried(now, revision, isDone: false);
            }
        }

        Assert.Equal([10, 11, 12, 13, 14], tries.Select(time => time.TotalSeconds));
    }

    [Fact]
    public void Revision_Retention_CompactsEveryFiveMinutesWhatIsBeyond()
    {
        RevisionCompaction policy = new(1000);

        List<(TimeSpan Time, long Revision)> due = Run(
            policy, TimeSpan.FromMinutes(21), TimeSpan.FromSeconds(1),
            time => time < TimeSpan.FromMinutes(6) ? 900 : time < TimeSpan.FromMinutes(16) ? 1500 : 1700);

        Assert.Equal([(10, 500), (20, 700)], due.Select(one => ((int)one.Time.TotalMinutes, one.Revision)));
    }

    [Theory]
    [InlineData("periodic", "0", null)]
    [InlineData("revision", "0", null)]
    [InlineData("periodic", "0h", null)]
    [InlineData("periodic", "2", typeof(PeriodicCompaction))]
    [InlineData("periodic", "1h30m", typeof(PeriodicCompaction))]
    [InlineData("revision", "1000", typeof(RevisionCompaction))]
    public void Read_Flags_GiveThePolicy(string mode, string retention, Type? expected)
    {
        List<string> errors = [];
        Assert.Equal(expected, CompactionSettings.Read(mode, retention, errors)?.Invoke().GetType());
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("sometimes", "1", "--auto-compaction-mode: 'sometimes' must be periodic or revision.")]
    [InlineData("revision", "1h", "--auto-compaction-retention: '1h' must be a number of revisions")]
    [InlineData("periodic", "soon", "--auto-compaction-retention: 'soon' must be a time such as 90m")]
    [InlineData("periodic", "-1", "--auto-compaction-retention: '-1' must be a time such as 90m")]
    [InlineData("periodic", "99999999999999", "--auto-compaction-retention: '99999999999999' must be a time")]
    public void Read_WrongFlags_SaysWhatIsExpected(string mode, string retention, string message)
    {
        List<string> errors = [];
        Assert.Null(CompactionSettings.Read(mode, retention, errors));
        Assert.StartsWith(message, Assert.Single(errors), StringComparison.Ordinal);
    }

    private static List<(TimeSpan Time, long Revision)> Run(
        ICompactionPolicy policy, TimeSpan until, TimeSpan tick, Func<TimeSpan, long> revisionAt)
    {
        List<(TimeSpan Time, long Revision)> due = [];
        for (TimeSpan now = TimeSpan.Zero; now <= until + tick; now += tick)
        {
            if (policy.Look(now, revisionAt(now)) is { } revision)
            {
                due.Add((now, revision));
                policy.Tried(now, revision, isDone: true);
            }
        }

        return due;
    }
}
