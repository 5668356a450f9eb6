using Lepton.Core.Randomness;
using Lepton.Storage.Scrubbing;

namespace Lepton.Storage.Tests.Scrubbing;

public sealed class ScrubPlanTests
{
    private static readonly TimeSpan s_within = TimeSpan.FromDays(7);

    [Fact]
    public void Trap53_NothingChanges_EachBlockIsReadWithinTheTimeAtAnEvenPace()
    {
        ScrubWorld world = NewWorld(segments: 10, blocks: 40);
        int window = 0;
        for (int hours = 0; hours < 3 * 7 * 24; hours += 6)
        {
            int before = world.Reads.Count;
            world.RunFor(TimeSpan.FromHours(6));
            window = Math.Max(window, world.Reads.Count - before);
        }

        double evenly = world.Count * (6.0 / (7 * 24));
        Assert.True(world.LongestGap <= s_within + TimeSpan.FromHours(1), $"{world.LongestGap} passed for a block.");
        Assert.True(window <= (1.1 * evenly) + 1, $"In six hours {window} blocks were read; evenly it is {evenly}.");
        Assert.InRange(world.Plan.Passes, 2, 3);
        Assert.False(world.Plan.IsLate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Next_SegmentsComeAndGo_EachBlockIsReadWithinTheTime(ulong seed)
    {
        SeededRandom random = new(seed);
        ScrubWorld world = NewWorld(segments: 20, blocks: 20);
        long last = 20;
        for (int i = 0; i < 400; i++)
        {
            world.RunFor(TimeSpan.FromHours(random.NextInt32(8)));
            if (random.NextInt32(2) == 0)
            {
                // A burst now and then, as when somebody copies a data set.
                last += random.NextInt32(3);
                world.Write(last, 1 + random.NextInt32(random.NextInt32(5) == 0 ? 200 : 10));
            }
            else if (world.Count > 200)
            {
                long[] closed = [.. world.Segments.Where(number => number < last)];
                world.Delete(closed[random.NextInt32(closed.Length)]);
            }
        }

        // Within a segment, blocks are not told apart.
        TimeSpan allowed = 1.1 * s_within;
        Assert.True(world.LongestGap <= allowed, $"{world.LongestGap} passed for a block.");
        Assert.True(world.Oldest() <= allowed, $"A block was not read for {world.Oldest()}.");
    }

    [Fact]
    public void Next_RestartedAgainAndAgain_NeitherBeginsAnewNorSkips()
    {
        ScrubWorld straight = NewWorld(segments: 5, blocks: 30);
        ScrubWorld restarted = NewWorld(segments: 5, blocks: 30);
        straight.RunFor(2 * s_within);
        for (int i = 0; restarted.Reads.Count < straight.Reads.Count; i++)
        {
            restarted.Step();
            if (i % 3 == 0)
            {
                restarted.Restart();
            }
        }

        Assert.Equal(straight.Reads, restarted.Reads);
    }

    [Fact]
    public void Next_OffForAMonth_IsLateAndMadeUpForAtABoundedPace()
    {
        ScrubWorld world = NewWorld(segments: 10, blocks: 40);
        world.RunFor(TimeSpan.FromDays(3));
        (long, int) before = world.Reads[^1];
        world.Now += TimeSpan.FromDays(30);
        world.Restart();
        int read = world.Reads.Count;
        world.RunFor(TimeSpan.FromDays(1));
        Assert.True(world.Plan.IsLate);
        Assert.InRange(world.Reads.Count - read, 3 * world.Count / 7, (4 * world.Count / 7) + 2);
        Assert.Equal((before.Item1, before.Item2 + 1), world.Reads[read]);
        world.RunFor(TimeSpan.FromDays(1));
        Assert.False(world.Plan.IsLate);
        Assert.True(world.Oldest() <= s_within, $"A block was not read for {world.Oldest()}.");
    }

    [Fact]
    public void Next_ClockGoesBack_EachBlockIsReadWithinTheTimeAllTheSame()
    {
        ScrubWorld world = NewWorld(segments: 4, blocks: 20);
        world.RunFor(TimeSpan.FromDays(10));
        world.Now -= TimeSpan.FromDays(9);
        int read = world.Reads.Count;
        world.RunFor(s_within + TimeSpan.FromHours(4));
        Assert.Equal(world.Count, world.Reads.Skip(read).Distinct().Count());
    }

    [Fact]
    public void Next_Nothing_WaitsAndFindsWhatComes()
    {
        ScrubWorld world = new(s_within);
        world.RunFor(TimeSpan.FromHours(1));
        Assert.Empty(world.Reads);
        world.Write(1, 1);
        world.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal([(1L, 0)], world.Reads);
    }

    [Fact]
    public void Progress_HalfWay_TellsShareAndTimeLeft()
    {
        ScrubWorld world = NewWorld(segments: 2, blocks: 100);
        world.RunFor(s_within / 2);
        ScrubProgress progress = world.Plan.Progress(world.Now);
        Assert.Equal(200 * ScrubWorld.BlockBytes, progress.Bytes);
        Assert.InRange(progress.BytesDone, 100 * ScrubWorld.BlockBytes, 102 * ScrubWorld.BlockBytes);
        Assert.InRange(progress.TimeLeft.TotalDays, 3.4, 3.6);
        Assert.InRange(progress.Oldest.TotalDays, 3.4, 3.6);
    }

    private static ScrubWorld NewWorld(int segments, int blocks)
    {
        ScrubWorld world = new(s_within);
        for (int i = 1; i <= segments; i++)
        {
            world.Write(i, blocks);
        }

        return world;
    }
}
