namespace Lepton.Coordination.Store;

/// <summary>What the keys of a range are sorted by.</summary>
internal enum RangeOrder
{
    /// <summary>Their bytes.</summary>
    Key,

    /// <summary>Their puts since creation.</summary>
    Version,

    /// <summary>The revision that created them.</summary>
    CreateRevision,

    /// <summary>The revision of their last put.</summary>
    ModRevision,

    /// <summary>The bytes of their values.</summary>
    Value,
}
