using Lepton.Storage.Blocks;

namespace Lepton.Storage.Scrubbing;

/// <summary>
/// Decides what a scrub reads next, and when: the segment that was not read for longest, which is their order on the
/// disk, over and over, as slowly as the time allows within which each is to be read again. Pure. Not thread safe.
/// </summary>
/// <remarks>
/// Each segment is due a fixed time after it was last read to its end, or first seen. The pace is the slowest by which
/// every segment is read before it is due, and never below all bytes divided by that time, by which it stays even.
/// Where something is overdue, as after a while in which the node did not run, it is four times that: late, rather than
/// a load that nobody expects. A clock that goes back makes nothing due later than if it had stood.
/// </remarks>
internal sealed class ScrubPlan
{
    /// <summary>How many times faster than evenly it reads at most.</summary>
    private const double CatchUp = 4;

    private const double StepsMin = 20;
    private static readonly TimeSpan s_waitMax = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _within;
    private readonly SortedDictionary<long, long> _readMs;
    private IReadOnlyList<SegmentExtent> _segments = [];
    private long _segment;
    private long _offset;
    private long _passBeganMs;
    private long _damaged;
    private DateTimeOffset? _at;

    /// <summary>Bytes that were read before their time.</summary>
    private double _ahead;
    private double _rate = 1;

    /// <summary>Goes on where another stopped.</summary>
    /// <param name="within">Within which time each block is to be read again.</param>
    /// <param name="saved">What <see cref="Record"/> was then.</param>
    public ScrubPlan(TimeSpan within, ScrubRecord saved)
    {
        _within = within;
        _readMs = new SortedDictionary<long, long>(saved.ReadMs);
        (_segment, _offset) = (saved.Segment, saved.Offset);
        (_passBeganMs, _damaged) = (saved.PassBeganMs, saved.Damaged);
    }

    /// <summary>How far it is.</summary>
    public ScrubRecord Record =>
        new(_segment, _offset, _passBeganMs, _damaged, new SortedDictionary<long, long>(_readMs));

    /// <summary>How many passes have ended.</summary>
    public int Passes { get; private set; }

    /// <summary>Whether a segment has not been read for longer than it should be.</summary>
    public bool IsLate { get; private set; }

    /// <summary>What there is to read changes meanwhile, so that nothing is waited for longer than this.</summary>
    private TimeSpan WaitMax => _within / StepsMin < s_waitMax ? _within / StepsMin : s_waitMax;

    /// <summary>Says what to do.</summary>
    /// <param name="segments">What there is, by number.</param>
    /// <param name="now">The time.</param>
    public ScrubStep Next(IReadOnlyList<SegmentExtent> segments, DateTimeOffset now)
    {
        long nowMs = now.ToUnixTimeMilliseconds();
        double seconds = Math.Max(0, (now - (_at ?? now)).TotalSeconds);
        (_segments, _at) = (segments, now);
        Follow(nowMs);
        List<SegmentExtent> order = [.. segments.Where(static one => BytesOf(one) > 0).OrderBy(PlaceOf)];
        if (order.Count == 0)
        {
            return new ScrubStep(0, 0, WaitMax);
        }

        if (order[0].Number != _segment)
        {
            BeginSegment(order[0].Number, nowMs);
        }

        _rate = RateFor(order, nowMs);
        _ahead = Math.Max(0, _ahead - (seconds * _rate));
        TimeSpan wait = TimeSpan.FromSeconds(Math.Min(_ahead / _rate, WaitMax.TotalSeconds));
        return new ScrubStep(_segment, _offset, wait);
    }

    /// <summary>Says up to where the segment was read that was to be.</summary>
    /// <param name="offset">Up to where.</param>
    /// <param name="damaged">How many blocks were found damaged.</param>
    /// <param name="now">The time.</param>
    public void Advance(long offset, int damaged, DateTimeOffset now)
    {
        _ahead += Math.Max(0, offset - _offset);
        (_offset, _damaged) = (offset, _damaged + damaged);
        if (offset >= _segments.Single(one => one.Number == _segment).Length)
        {
            _readMs[_segment] = now.ToUnixTimeMilliseconds();
            _segment = 0;
        }
    }

    /// <summary>How far it is, as people see it.</summary>
    public ScrubProgress Progress(DateTimeOffset now)
    {
        long bytes = _segments.Sum(BytesOf);
        long done = _segments.Where(one => _readMs.GetValueOrDefault(one.Number) > _passBeganMs).Sum(BytesOf)
            + _segments.Where(one => _readMs.GetValueOrDefault(one.Number) <= _passBeganMs)
                .Sum(one => BytesOf(one) - BytesLeftIn(one));
        double seconds = bytes == 0 ? 0 : (bytes - done + _ahead) / _rate;
        long oldest = _readMs.Count == 0 ? 0 : Math.Max(0, now.ToUnixTimeMilliseconds() - _readMs.Values.Min());
        return new ScrubProgress(
            bytes, done, _damaged, TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(oldest));
    }

    private static long BytesOf(SegmentExtent segment) => Math.Max(0, segment.Length - SegmentFormat.FileHeaderSize);

    private long BytesLeftIn(SegmentExtent segment) =>
        segment.Number == _segment ? Math.Max(0, segment.Length - _offset) : BytesOf(segment);

    /// <summary>The segment that is being read comes first, while there is something left in it.</summary>
    private (long ReadMs, long Number) PlaceOf(SegmentExtent segment) =>
        segment.Number == _segment && BytesLeftIn(segment) > 0
            ? (long.MinValue, 0)
            : (_readMs[segment.Number], segment.Number);

    /// <summary>Forgets segments that are gone, and takes note of those that have come.</summary>
    private void Follow(long nowMs)
    {
        HashSet<long> there = [.. _segments.Select(static segment => segment.Number)];
        foreach (long number in _readMs.Keys.Where(number => !there.Contains(number)).ToArray())
        {
            _readMs.Remove(number);
        }

        foreach (SegmentExtent segment in _segments)
        {
            long readMs = BytesOf(segment) == 0 ? nowMs : _readMs.GetValueOrDefault(segment.Number, nowMs);
            _readMs[segment.Number] = Math.Min(readMs, nowMs);
        }

        _passBeganMs = Math.Min(_passBeganMs, nowMs);
    }

    private void BeginSegment(long number, long nowMs)
    {
        (_segment, _offset) = (number, SegmentFormat.FileHeaderSize);
        if (_readMs[number] > _passBeganMs)
        {
            // All that were there have been read since.
            Passes += _passBeganMs == 0 ? 0 : 1;
            _passBeganMs = nowMs;
        }
    }

    /// <summary>Bytes a second, where segments are read in this order.</summary>
    private double RateFor(List<SegmentExtent> order, long nowMs)
    {
        double even = order.Sum(BytesOf) / _within.TotalSeconds;
        double rate = even;
        double bytes = 0;
        IsLate = false;
        foreach (SegmentExtent segment in order)
        {
            bytes += BytesLeftIn(segment);
            double left = _within.TotalSeconds - ((nowMs - _readMs[segment.Number]) / 1000.0);
            IsLate |= left < 0;
            rate = Math.Max(rate, left > 0 ? bytes / left : CatchUp * even);
        }

        return Math.Min(rate, CatchUp * even);
    }
}
