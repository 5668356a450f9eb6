using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>A word count, joined and sorted: maps, combining, two kinds of shuffle and a sample.</summary>
internal static class MixedJob
{
    private static readonly string[] s_words =
        ["lepton", "muon", "tau", "electron", "neutrino", "quark", "gluon", "boson"];

    public static async Task<string> RunAsync(LeptonSession session)
    {
        string[] words = s_words;
        Dataset<KeyValuePair<string, long>> counts = session.Range(0, 20_000, partitions: 8)
            .SelectMany(row => Enumerable.Range(0, (int)(row % 3))
                .Select(i => words[(row + i) % words.Length] + (row % 50)))
            .CountByKey(word => word, partitions: 5);
        Dataset<KeyValuePair<string, int>> lengths = session.Generate(3, part =>
            Enumerable.Range(0, 50).Where(n => n % 3 == part)
                .SelectMany(n => words.Select(word => new KeyValuePair<string, int>(word + n, word.Length + n))));
        List<string> lines = await counts
            .Join(
                lengths, left => left.Key, right => right.Key,
                (left, right) => $"{left.Key}:{left.Value}:{right.Value}", partitions: 4)
            .OrderByDescending(line => line, StringComparer.Ordinal, partitions: 3)
            .ToListAsync();
        return string.Join(' ', lines);
    }
}
