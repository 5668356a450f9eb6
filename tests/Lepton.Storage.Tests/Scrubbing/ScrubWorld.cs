using Lepton.Storage.Blocks;
using Lepton.Storage.Scrubbing;

namespace Lepton.Storage.Tests.Scrubbing;

/// <summary>Segments and a clock of a test's own, read as a plan says; blocks are of one length.</summary>
internal sealed class ScrubWorld(TimeSpan within)
{
    public const int BlockBytes = 1000;
    private readonly SortedDictionary<long, int> _blocks = [];
    private readonly Dictionary<(long Segment, int Block), DateTimeOffset> _readAt = [];

    public ScrubPlan Plan { get; private set; } = new(within, ScrubRecord.None);

    public DateTimeOffset Now { get; set; } = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What was read, in its order.</summary>
    public List<(long Segment, int Block)> Reads { get; } = [];

    /// <summary>The longest time between two readings of a block, or its writing and the first.</summary>
    public TimeSpan LongestGap { get; private set; }

    public int Count => _blocks.Values.Sum();

    public IEnumerable<long> Segments => _blocks.Keys;

    /// <summary>Writes blocks to the end of a segment, which may be a new one.</summary>
    public void Write(long segment, int blocks)
    {
        int from = _blocks.GetValueOrDefault(segment);
        _blocks[segment] = from + blocks;
        for (int i = from; i < from + blocks; i++)
        {
            _readAt[(segment, i)] = Now;
        }
    }

    public void Delete(long segment)
    {
        for (int i = 0; i < _blocks[segment]; i++)
        {
            _readAt.Remove((segment, i));
        }

        _blocks.Remove(segment);
    }

    /// <summary>Reads a block, or lets the time pass that the plan wants to wait.</summary>
    public void Step()
    {
        ScrubStep step = Plan.Next(
            [.. _blocks.Select(one => new SegmentExtent(one.Key, LengthOf(one.Value)))], Now);
        if (step.Wait > TimeSpan.Zero)
        {
            Now += step.Wait;
            return;
        }

        int block = (int)((step.Offset - SegmentFormat.FileHeaderSize) / BlockBytes);
        Assert.True(block < _blocks[step.Segment], $"{step} is behind the segment's end.");
        Note(step.Segment, block);
        Plan.Advance(step.Offset + BlockBytes, 0, Now);
    }

    /// <summary>Goes on for some time.</summary>
    public void RunFor(TimeSpan time)
    {
        DateTimeOffset end = Now + time;
        while (Now < end)
        {
            Step();
        }
    }

    /// <summary>Stops, and begins again from what was saved.</summary>
    public void Restart() => Plan = new ScrubPlan(within, Plan.Record);

    /// <summary>How long ago that block was read for which it is longest.</summary>
    public TimeSpan Oldest() => Now - _readAt.Values.Min();

    private static long LengthOf(int blocks) => SegmentFormat.FileHeaderSize + ((long)blocks * BlockBytes);

    private void Note(long segment, int block)
    {
        Reads.Add((segment, block));
        TimeSpan gap = Now - _readAt[(segment, block)];
        LongestGap = gap > LongestGap ? gap : LongestGap;
        _readAt[(segment, block)] = Now;
    }
}
