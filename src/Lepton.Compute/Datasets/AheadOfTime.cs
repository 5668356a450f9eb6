using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Datasets;

/// <summary>
/// Nobody calls this. Code that is generic over value types is compiled ahead of time for those types alone that its
/// own assembly uses it with; for others the worker compiles it when a task asks, about 60 ms of a job. Here stand
/// the most usual ones.
/// </summary>
internal static class AheadOfTime
{
    [SuppressMessage("Performance", "CA1811", Justification = "See the class.")]
    private static void Counts(Dataset<Utf8Text> texts, Dataset<string> strings, Dataset<long> numbers)
    {
        _ = texts.CountByKey(text => text).ToListAsync();
        _ = strings.CountByKey(text => text).ToListAsync();
        _ = numbers.CountByKey(number => number).ToListAsync();
    }
}
