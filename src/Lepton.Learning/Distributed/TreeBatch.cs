namespace Lepton.Learning;

/// <summary>Consecutive trees of one forest: what one task grows.</summary>
/// <param name="Fold">The fold that the forest is judged on; 0 where there is one forest.</param>
/// <param name="First">The first tree.</param>
/// <param name="Count">How many.</param>
internal readonly record struct TreeBatch(int Fold, int First, int Count)
{
    // Preparing the table costs about as much as a tree, once a batch; a lost batch costs all of its trees.
    private const int BatchesMax = 64;

    public IEnumerable<int> Trees => Enumerable.Range(First, Count);

    /// <summary>Cuts a forest; how depends on its size alone.</summary>
    public static TreeBatch[] Cut(int trees, int fold, int batchesMax = BatchesMax)
    {
        int count = Math.Max(1, (trees + batchesMax - 1) / batchesMax);
        return [.. Enumerable.Range(0, (Math.Max(0, trees) + count - 1) / count)
            .Select(batch => new TreeBatch(fold, batch * count, Math.Min(count, trees - (batch * count))))];
    }
}
