using Lepton.Coordination.Client;

namespace Lepton.Storage.Replication;

/// <summary>How many of its blocks a node must keep: they belong there, or are not yet where they belong.</summary>
/// <param name="Count">How many.</param>
/// <param name="AsOf">By the metadata and the layout of the nodes as of this revision, or of a later one.</param>
internal sealed record KeptBlocks(long Count, Revision AsOf);
