namespace Lepton.Compute.Datasets;

/// <summary>Which records without a partner a join keeps.</summary>
internal enum JoinKind
{
    /// <summary>None.</summary>
    Inner,

    /// <summary>Those of the left side, with a default right.</summary>
    Left,

    /// <summary>Those of both sides.</summary>
    Full,
}
