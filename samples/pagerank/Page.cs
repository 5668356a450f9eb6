namespace PageRank;

/// <summary>A node of the graph.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Links">The nodes that it links to; none for a dangling one.</param>
/// <param name="Rank">The share of time that a random surfer spends here.</param>
internal sealed record Page(int Node, int[] Links, double Rank);
