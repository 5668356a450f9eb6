namespace Lepton.Objects;

/// <summary>How a long file is cut for the way: into equal parts, so that several are on it at once.</summary>
internal static class FileParts
{
    /// <summary>Parts on their way at once.</summary>
    public const int AtOnce = 4;

    /// <summary>The length of a part; and up to here a file goes in one request.</summary>
    public const long Bytes = 16 << 20;

    /// <summary>Of one upload, by S3's limits.</summary>
    public const int PartsMax = 10_000;

    /// <summary>Where each part begins, and how long it is.</summary>
    /// <param name="length">Of the file, above 0.</param>
    /// <param name="partBytes">The length of a part, but for the last; more where there would be too many.</param>
    public static IReadOnlyList<(long Offset, long Bytes)> Of(long length, long partBytes = Bytes)
    {
        long bytes = Math.Max(partBytes, (length + PartsMax - 1) / PartsMax);
        var parts = new List<(long, long)>();
        for (long offset = 0; offset < length; offset += bytes)
        {
            parts.Add((offset, Math.Min(bytes, length - offset)));
        }

        return parts;
    }
}
