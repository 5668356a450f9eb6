namespace Lepton.Coordination.Store;

/// <summary>What to read. The bounds on revisions are inclusive, and 0 is no bound.</summary>
/// <param name="Range">Which keys.</param>
/// <param name="Revision">As of which revision; 0 or less is the latest.</param>
internal readonly record struct RangeQuery(KeyRange Range, long Revision = 0)
{
    /// <summary>Keys that are returned at most; 0 or less for all.</summary>
    public long LimitMax { get; init; }

    /// <summary>Whether only the number of keys is wanted.</summary>
    public bool CountOnly { get; init; }

    /// <summary>What to sort by; ties by key.</summary>
    public RangeOrder Order { get; init; }

    /// <summary>Whether the largest comes first.</summary>
    public bool Descending { get; init; }

    /// <summary>The lowest revision of the last put.</summary>
    public long ModRevisionMin { get; init; }

    /// <summary>The highest revision of the last put.</summary>
    public long ModRevisionMax { get; init; }

    /// <summary>The lowest revision of the creation.</summary>
    public long CreateRevisionMin { get; init; }

    /// <summary>The highest revision of the creation.</summary>
    public long CreateRevisionMax { get; init; }

    /// <summary>Whether the caller has pinned the revision, so that it can be read even where it is compacted by
    /// now.</summary>
    public bool IsPinned { get; init; }

    /// <summary>Whether the first keys of the range, in its order, are those that are wanted.</summary>
    public bool IsPlain => Order == RangeOrder.Key && !Descending
        && (ModRevisionMin | ModRevisionMax | CreateRevisionMin | CreateRevisionMax) == 0;

    /// <summary>Whether the bounds on revisions let a version pass.</summary>
    public bool Admits(KeyVersion version) =>
        (ModRevisionMin <= 0 || version.ModRevision >= ModRevisionMin)
        && (ModRevisionMax <= 0 || version.ModRevision <= ModRevisionMax)
        && (CreateRevisionMin <= 0 || version.CreateRevision >= CreateRevisionMin)
        && (CreateRevisionMax <= 0 || version.CreateRevision <= CreateRevisionMax);
}
