using System.Text;

namespace Lepton.Compute.Formats;

/// <summary>One string a line.</summary>
internal sealed class TextFormat : IRecordFormat<string>
{
    public string FileExtension => ".txt";

    public IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes,
        CancellationToken cancellation) =>
        FileSplitter.Split(files, splitBytes);

    public IEnumerable<string> Read(FileSplit split, ISkippedRows skipped, CancellationToken cancellation) =>
        TextLines.ReadLines(split, cancellation);

    public long Write(Stream stream, IEnumerable<string> rows, CancellationToken cancellation)
    {
        using var output = new Utf8Output(stream, cancellation);
        foreach (string row in rows)
        {
            if (row is null)
            {
                throw new UnwritableRecordException(
                    "a text line", output.Rows + 1, "it is null. Leave it out, or write an empty string.");
            }

            Utf8TextFormat.StartFile(output, row.StartsWith('\uFEFF'));
            int lengthMax = Encoding.UTF8.GetMaxByteCount(row.Length);
            int length = Encoding.UTF8.GetBytes(row, output.Reserve(lengthMax));
            Utf8TextFormat.EndLine(output, length);
        }

        output.Flush();
        return output.Rows;
    }
}
