using System.Text;

namespace Lepton.Compute.Formats;

/// <summary>The lines of a split. The lines of a file's splits, one after another, are the file's lines.</summary>
internal static class TextLines
{
    // Below the large object heap's 85,000 bytes, where arrays that live shortly are cheap.
    private const int ChunkBytes = 64 * 1024;

    /// <summary>The lines as strings; invalid UTF-8 becomes U+FFFD.</summary>
    public static IEnumerable<string> ReadLines(FileSplit split, CancellationToken cancellation) =>
        ReadLines(split, SplitBuffer.DefaultBytes, cancellation);

    public static IEnumerable<string> ReadLines(FileSplit split, int bufferBytes, CancellationToken cancellation)
    {
        using var lines = new LineScanner(split, bufferBytes, keepsChunks: false, cancellation);
        while (lines.TryRead(out int start, out int length))
        {
            yield return Encoding.UTF8.GetString(lines.Chunk, start, length);
        }
    }

    /// <summary>The lines as slices of the file's bytes, which stay valid.</summary>
    public static IEnumerable<Utf8Text> ReadUtf8Lines(FileSplit split, CancellationToken cancellation) =>
        ReadUtf8Lines(split, ChunkBytes, cancellation);

    /// <summary>
    /// The lines as slices of the file's bytes, several in one slice, with the line ends between them: for a reader to
    /// whom these are white space like any other. They stay valid where chunks are kept, otherwise until the next one.
    /// </summary>
    public static IEnumerable<Utf8Text> ReadUtf8Runs(
        FileSplit split, bool keepsChunks, CancellationToken cancellation) =>
        ReadUtf8Runs(split, ChunkBytes, keepsChunks, cancellation);

    public static IEnumerable<Utf8Text> ReadUtf8Runs(
        FileSplit split, int chunkBytes, bool keepsChunks, CancellationToken cancellation)
    {
        using var lines = new LineScanner(split, chunkBytes, keepsChunks, cancellation);
        while (lines.TryReadRun(out int start, out int length))
        {
            yield return new Utf8Text(lines.Chunk, start, length);
        }
    }

    public static IEnumerable<Utf8Text> ReadUtf8Lines(FileSplit split, int chunkBytes, CancellationToken cancellation)
    {
        using var lines = new LineScanner(split, chunkBytes, keepsChunks: true, cancellation);
        while (lines.TryRead(out int start, out int length))
        {
            yield return new Utf8Text(lines.Chunk, start, length);
        }
    }
}
