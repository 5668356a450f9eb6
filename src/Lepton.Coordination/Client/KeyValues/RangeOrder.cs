namespace Lepton.Coordination.Client;

/// <summary>By what the keys of a range are ordered.</summary>
public enum RangeOrder
{
    /// <summary>By the bytes of the key.</summary>
    Key,

    /// <summary>By how many times the key was put.</summary>
    Version,

    /// <summary>By when the key came to be.</summary>
    CreateRevision,

    /// <summary>By when the key was put last.</summary>
    ModRevision,

    /// <summary>By the bytes of the value.</summary>
    Value,
}
