namespace Lepton.Compute.Formats;

/// <summary>One text a line, as bytes.</summary>
internal sealed class Utf8TextFormat : IRecordFormat<Utf8Text>
{
    public string FileExtension => ".txt";

    public IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes,
        CancellationToken cancellation) =>
        FileSplitter.Split(files, splitBytes);

    public IEnumerable<Utf8Text> Read(FileSplit split, ISkippedRows skipped, CancellationToken cancellation) =>
        TextLines.ReadUtf8Lines(split, cancellation);

    /// <summary>The lines of a split, several in one text. Texts stay valid where chunks are kept, otherwise until the
    /// next one.</summary>
    public static IEnumerable<Utf8Text> ReadRuns(FileSplit split, bool keepsChunks, CancellationToken cancellation) =>
        TextLines.ReadUtf8Runs(split, keepsChunks, cancellation);

    public long Write(Stream stream, IEnumerable<Utf8Text> rows, CancellationToken cancellation)
    {
        using var output = new Utf8Output(stream, cancellation);
        foreach (Utf8Text row in rows)
        {
            StartFile(output, row.Span.StartsWith("\uFEFF"u8));
            row.Span.CopyTo(output.Reserve(row.Length));
            EndLine(output, row.Length);
        }

        output.Flush();
        return output.Rows;
    }

    /// <summary>A reader skips one byte order mark: one that is text needs another before it.</summary>
    internal static void StartFile(Utf8Output output, bool rowStartsWithMark)
    {
        if (output.Rows == 0 && rowStartsWithMark)
        {
            output.Write("\uFEFF"u8);
        }
    }

    /// <summary>Checks that the reserved bytes are one line, and ends it.</summary>
    internal static void EndLine(Utf8Output output, int length)
    {
        ReadOnlySpan<byte> line = output.Reserve(length)[..length];
        if (line.Contains((byte)'\n') || line.EndsWith("\r"u8))
        {
            throw new UnwritableRecordException("a text line", output.Rows + 1,
                $"'{RowError.Show(line)}' holds a line end. Split it into lines first, or write CSV or JSON lines.");
        }

        output.Advance(length);
        output.EndRow("\n"u8);
    }
}
