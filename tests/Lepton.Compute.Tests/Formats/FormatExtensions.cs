using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

internal static class FormatExtensions
{
    /// <summary>All records of the files, split by split.</summary>
    public static List<T> ReadAll<T>(this IRecordFormat<T> format, string path, long splitBytes = long.MaxValue / 4,
        SkippedRows? skipped = null)
    {
        CancellationToken none = CancellationToken.None;
        IReadOnlyList<FileSplit> splits = format.Split(FileSplitter.Resolve([path]), splitBytes, none);
        return [.. splits.SelectMany(split => format.Read(split, skipped ?? new SkippedRows(0), none))];
    }

    public static byte[] WriteAll<T>(this IRecordFormat<T> format, IReadOnlyCollection<T> rows)
    {
        using var stream = new MemoryStream();
        Assert.Equal(rows.Count, format.Write(stream, rows, CancellationToken.None));
        return stream.ToArray();
    }
}
