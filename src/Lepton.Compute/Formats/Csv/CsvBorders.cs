using System.Buffers;

namespace Lepton.Compute.Formats;

/// <summary>
/// Finds where records start near wanted offsets. Whether a line end ends a record depends on all quotes before it, so
/// a file with quotes is read through once, looking for nothing but quotes and, near the wanted offsets, line ends.
/// </summary>
internal sealed class CsvBorders
{
    private readonly CsvDialect _dialect;
    private readonly IReadOnlyList<long> _wanted;
    private readonly List<long> _starts = [0];
    private int _nextWanted = 1;
    private bool _inQuotes;
    private bool _closesUnlessDoubled;

    // The last byte before the chunk that is not trimmed away; a file starts as if behind a line end.
    private byte _before = (byte)'\n';

    private CsvBorders(CsvDialect dialect, IReadOnlyList<long> wanted)
    {
        _dialect = dialect;
        _wanted = wanted;
    }

    /// <summary>
    /// The offsets of the first records at or behind each offset of <paramref name="wanted"/>, each once; the first is
    /// 0.
    /// </summary>
    public static IReadOnlyList<long> Find(
        SourceFile file, IReadOnlyList<long> wanted, CsvDialect dialect, CancellationToken cancellation,
        int bufferBytes = 1024 * 1024)
    {
        if (wanted.Count <= 1)
        {
            return [0];
        }

        var borders = new CsvBorders(dialect, wanted);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
        try
        {
            using var source = ByteSource.Open(file.Whole, cancellation);
            while (borders._nextWanted < wanted.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                long offset = source.OffsetBytes;
                int read = source.Read(buffer.AsSpan(0, bufferBytes));
                ReadOnlySpan<byte> chunk = buffer.AsSpan(0, read);
                bool hasMark = offset == 0 && chunk.StartsWith("\uFEFF"u8);
                if (read == 0)
                {
                    break;
                }

                borders.Scan(hasMark ? chunk[3..] : chunk, hasMark ? 3 : offset, file.Bytes);
            }

            return borders._starts;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Scan(ReadOnlySpan<byte> chunk, long offset, long fileBytes)
    {
        int at = 0;
        if (_closesUnlessDoubled && !chunk.IsEmpty)
        {
            _closesUnlessDoubled = false;
            _inQuotes = chunk[0] == _dialect.Quote;
            at = _inQuotes ? 1 : 0;
        }

        while (at < chunk.Length)
        {
            int found = _dialect.HasQuote ? chunk[at..].IndexOf(_dialect.Quote) : -1;
            int quote = found < 0 ? chunk.Length : at + found;
            if (!_inQuotes)
            {
                TakeStarts(chunk[..quote], at, offset, fileBytes);
                _inQuotes = quote < chunk.Length && OpensField(chunk[..quote]);
                at = quote + 1;
            }
            else if (quote + 1 == chunk.Length)
            {
                _closesUnlessDoubled = true;
                at = chunk.Length;
            }
            else
            {
                bool isDoubled = quote < chunk.Length && chunk[quote + 1] == _dialect.Quote;
                _inQuotes = isDoubled || quote == chunk.Length;
                at = quote + (isDoubled ? 2 : 1);
            }
        }

        int last = LastKept(chunk);
        _before = last < 0 ? _before : chunk[last];
    }

    /// <summary>
    /// Takes the record starts that are wanted behind the line ends from <paramref name="at"/> on, all outside quotes.
    /// </summary>
    private void TakeStarts(ReadOnlySpan<byte> chunk, int at, long offset, long fileBytes)
    {
        while (_nextWanted < _wanted.Count)
        {
            // The record that starts at a wanted offset has its line end one byte before.
            long from = Math.Max(_wanted[_nextWanted] - 1 - offset, at);
            int found = from < chunk.Length ? chunk[(int)from..].IndexOf((byte)'\n') : -1;
            if (found < 0)
            {
                return;
            }

            long start = offset + from + found + 1;
            if (start < fileBytes)
            {
                _starts.Add(start);
            }

            // A record longer than a split swallows the borders in it.
            while (_nextWanted < _wanted.Count && _wanted[_nextWanted] <= start)
            {
                _nextWanted++;
            }
        }
    }

    private bool OpensField(ReadOnlySpan<byte> beforeQuote)
    {
        int last = LastKept(beforeQuote);
        byte before = last < 0 ? _before : beforeQuote[last];
        return before == '\n' || before == _dialect.Delimiter;
    }

    private int LastKept(ReadOnlySpan<byte> bytes) =>
        _dialect.Trims ? bytes.LastIndexOfAnyExcept(_dialect.Spaces) : bytes.Length - 1;
}
