namespace Iris;

/// <summary>The trees that one task grows, by their numbers.</summary>
internal sealed record TreeRange(int First, int Count)
{
    /// <summary>All trees of a forest, so many a task.</summary>
    public static List<TreeRange> Cut(int trees, int size) =>
        [.. Enumerable.Range(0, (trees + size - 1) / size)
            .Select(i => new TreeRange(i * size, Math.Min(size, trees - (i * size))))];
}
