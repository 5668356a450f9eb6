namespace Lepton.Storage.Blocks;

/// <summary>How a block was found.</summary>
internal enum BlockCondition
{
    /// <summary>It is what was written.</summary>
    Good,

    /// <summary>It lies elsewhere by now, or is not needed any more.</summary>
    Gone,

    /// <summary>It is not what was written, and is not given any more.</summary>
    Damaged,

    /// <summary>Under the file's name there is something else, but this process still had the file, and has copied the
    /// block.</summary>
    Rescued,
}

/// <summary>A block of a segment, as it was found.</summary>
/// <param name="Block">Which.</param>
/// <param name="End">Where it ends in the segment.</param>
/// <param name="Condition">How it is.</param>
internal readonly record struct SegmentFinding(BlockRef Block, long End, BlockCondition Condition);
