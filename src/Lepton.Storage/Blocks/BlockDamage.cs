namespace Lepton.Storage.Blocks;

/// <summary>Bytes of a segment that are not what was written.</summary>
/// <param name="Path">The segment's file.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Id">The block that lay there, where its header could still be read.</param>
/// <param name="MayBeTorn">Whether it ends the last segment: a crash may have left it so.</param>
internal sealed record BlockDamage(string Path, long Offset, long Length, BlockId? Id, bool MayBeTorn = false)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Path}, bytes {Offset} to {Offset + Length - 1}{(Id is { } id ? $", block {id}" : "")}" +
        (MayBeTorn ? " (the last that was written; it may never have been acknowledged)" : "");
}
