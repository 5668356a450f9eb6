using Lepton.Core;

namespace Lepton.Coordination.Store;

/// <summary>
/// Every version that is not compacted, in the order of revisions: what watches read. Places are counted from the first
/// version that ever was, so they stay the same when the front is dropped.
/// </summary>
internal sealed class VersionHistory
{
    private const int SegmentLength = 1024;

    private readonly List<KeyVersion?[]> _segments = [];
    private long _dropped;

    /// <summary>The place of the oldest version that is still there.</summary>
    public long First { get; private set; }

    /// <summary>The place behind the newest version.</summary>
    public long End { get; private set; }

    /// <summary>The version at a place.</summary>
    public KeyVersion this[long place]
    {
        get
        {
            var offset = place - _dropped;
            return _segments[(int)(offset / SegmentLength)][offset % SegmentLength]!;
        }
    }

    /// <summary>Puts the newest version.</summary>
    public void Add(KeyVersion version)
    {
        var offset = End - _dropped;
        if (offset == (long)_segments.Count * SegmentLength)
        {
            _segments.Add(new KeyVersion?[SegmentLength]);
        }

        _segments[^1][offset % SegmentLength] = version;
        End++;
    }

    /// <summary>Drops the oldest version.</summary>
    public void DropFirst()
    {
        Invariant.Check(First < End);
        _segments[0][First - _dropped] = null;
        First++;
        if (First - _dropped == SegmentLength)
        {
            _segments.RemoveAt(0);
            _dropped += SegmentLength;
        }
    }

    /// <summary>The place of the first version that was written at a revision or after it.</summary>
    public long PlaceOf(long revision)
    {
        var low = First;
        var high = End;
        while (low < high)
        {
            var middle = low + ((high - low) >> 1);
            if (this[middle].ModRevision < revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
