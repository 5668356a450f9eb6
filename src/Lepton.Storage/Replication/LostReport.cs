namespace Lepton.Storage.Replication;

/// <summary>Blocks of which no node has a good copy, and the objects that have them.</summary>
/// <param name="Blocks">How many blocks.</param>
/// <param name="Objects">How many objects, or parts of uploads.</param>
/// <param name="Names">The first of these.</param>
internal sealed record LostReport(long Blocks, long Objects, IReadOnlyList<string> Names)
{
    public static LostReport None { get; } = new(0, 0, []);
}
