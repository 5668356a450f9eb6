namespace Lepton.Coordination.Store;

/// <summary>Picks, sorts and cuts what a <see cref="RangeQuery"/> wants out of the keys that a reader meets in
/// ascending order.</summary>
internal sealed class RangeSelection(RangeQuery query)
{
    private readonly List<KeyVersion> _versions = [];
    private readonly long _enough = query.LimitMax > 0 && query.IsPlain ? query.LimitMax + 1 : long.MaxValue;

    /// <summary>Keys met so far.</summary>
    public long Met { get; private set; }

    /// <summary>Whether more keys would change nothing but the count.</summary>
    public bool IsFull => query.CountOnly || _versions.Count >= _enough;

    /// <summary>Meets the next key.</summary>
    public void Meet(KeyVersion version)
    {
        Met++;
        if (!IsFull && query.Admits(version))
        {
            _versions.Add(version);
        }
    }

    /// <summary>What was picked.</summary>
    public RangeResult ToResult(long count, long revision)
    {
        if (query.Order != RangeOrder.Key)
        {
            _versions.Sort(query.Descending ? (a, b) => Compare(b, a) : Compare);
        }
        else if (query.Descending)
        {
            _versions.Reverse();
        }

        var more = query.LimitMax > 0 && _versions.Count > query.LimitMax;
        if (more)
        {
            _versions.RemoveRange((int)query.LimitMax, _versions.Count - (int)query.LimitMax);
        }

        return new RangeResult(ReadFailure.None, _versions, count, more, revision);
    }

    private int Compare(KeyVersion left, KeyVersion right)
    {
        var order = query.Order switch
        {
            RangeOrder.Version => left.Version.CompareTo(right.Version),
            RangeOrder.CreateRevision => left.CreateRevision.CompareTo(right.CreateRevision),
            RangeOrder.ModRevision => left.ModRevision.CompareTo(right.ModRevision),
            RangeOrder.Value => left.Value.SequenceCompareTo(right.Value),
            _ => 0,
        };
        return order != 0 ? order : left.Key.SequenceCompareTo(right.Key);
    }
}
