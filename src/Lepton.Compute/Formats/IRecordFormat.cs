namespace Lepton.Compute.Formats;

/// <summary>
/// How records of <typeparamref name="T"/> stand in files. What <see cref="Write"/> wrote, <see cref="Read"/> gives
/// back equal.
/// </summary>
internal interface IRecordFormat<T>
{
    /// <summary>The ending that files of this format have, with its dot.</summary>
    string FileExtension { get; }

    /// <summary>
    /// Splits of about <paramref name="splitBytes"/>, whose records together are those of the files, each once, in
    /// order.
    /// </summary>
    IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes, CancellationToken cancellation);

    /// <summary>
    /// The records of one split, in order. Rows that can't be read fail, or are reported, as the options say.
    /// </summary>
    IEnumerable<T> Read(FileSplit split, ISkippedRows skipped, CancellationToken cancellation);

    /// <summary>Writes the records, buffered, and leaves the stream open. Returns how many.</summary>
    long Write(Stream stream, IEnumerable<T> rows, CancellationToken cancellation);
}
