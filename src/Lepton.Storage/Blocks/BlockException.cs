namespace Lepton.Storage.Blocks;

/// <summary>Why a block can't be given or taken.</summary>
internal enum BlockFailure
{
    /// <summary>No such block is stored here.</summary>
    Missing,

    /// <summary>What lies on the disk is not what was written: its checksum differs.</summary>
    Damaged,

    /// <summary>The disk is full; what was stored before is as it was, and writing may be tried again.</summary>
    DiskFull,

    /// <summary>The disk failed; the store takes nothing more until it is opened anew.</summary>
    DiskFailed,

    /// <summary>Nodes that may have it, or are to take it, do not answer.</summary>
    Unreachable,
}

/// <summary>A block can't be given or taken. The message says which, where, and what to do.</summary>
internal sealed class BlockException(BlockFailure failure, string message, Exception? inner = null)
    : IOException(message, inner)
{
    /// <summary>Why.</summary>
    public BlockFailure Failure => failure;
}
