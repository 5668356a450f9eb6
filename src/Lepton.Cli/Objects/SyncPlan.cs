namespace Lepton.Cli.Objects;

/// <summary>What has to be done so that one side becomes as the other.</summary>
/// <param name="Copies">What to copy, and why, in the order of the sources.</param>
/// <param name="Deletions">What the sources don't have, in the order of the targets.</param>
/// <param name="Same">How many are as they should be.</param>
internal sealed record SyncPlan(
    IReadOnlyList<(string Name, string Why)> Copies, IReadOnlyList<string> Deletions, int Same)
{
    private const int Md5Digits = 32;

    /// <summary>Compares both sides: by size, then by content where that can be told, else by time.</summary>
    /// <param name="sources">What is to be there.</param>
    /// <param name="targets">What is there.</param>
    /// <param name="hasSameContent">Of a name that both have, at the same size; null: it can't be told.</param>
    public static async Task<SyncPlan> OfAsync(
        IEnumerable<SyncEntry> sources, IReadOnlyList<SyncEntry> targets, Func<string, Task<bool?>> hasSameContent)
    {
        Dictionary<string, SyncEntry> there = targets.ToDictionary(static one => one.Name, StringComparer.Ordinal);
        List<(string, string)> copies = [];
        int same = 0;
        foreach (SyncEntry source in sources)
        {
            string? why = !there.Remove(source.Name, out SyncEntry target) ? "new"
                : target.Bytes != source.Bytes ? "other size"
                : await hasSameContent(source.Name).ConfigureAwait(false) switch
                {
                    true => null,
                    false => "other content",
                    null => source.ModifiedAt > target.ModifiedAt ? "newer" : null,
                };
            if (why is null)
            {
                same++;
            }
            else
            {
                copies.Add((source.Name, why));
            }
        }

        return new SyncPlan(copies, [.. targets.Select(static one => one.Name).Where(there.ContainsKey)], same);
    }

    /// <summary>Whether an entity tag is the MD5 of the content, as it is where an object came in one piece.</summary>
    public static bool IsMd5(string tag) => tag.Length == Md5Digits && tag.All(char.IsAsciiHexDigit);
}
