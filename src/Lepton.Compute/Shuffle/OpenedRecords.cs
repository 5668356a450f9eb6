using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// The records of a file of one partition that is open from the start: once, they can be read to the end though the
/// file is deleted meanwhile. Further times as long as it is there.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "Its one enumerator closes it; a file that nobody reads goes with its handle.")]
internal sealed class OpenedRecords<T>(string path) : IEnumerable<T>
{
    private PartitionedFileReader? _reader = new(path, 0);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() =>
        RecordFile.Read<T>(path, Interlocked.Exchange(ref _reader, null)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
