using System.Runtime.CompilerServices;

namespace Lepton.Compute.Formats;

/// <summary>
/// The lines of a split as bytes: those whose first byte lies in it. A line ends with LF or CRLF, or with the file; a
/// lone CR is part of its line.
/// </summary>
internal sealed class LineScanner : IDisposable
{
    private readonly SplitBuffer _buffer;
    private readonly long _endBytes;

    public LineScanner(FileSplit split, int bufferBytes, bool keepsChunks, CancellationToken cancellation)
    {
        // One byte before the split tells whether its first byte starts a line.
        bool isFirst = split.OffsetBytes == 0;
        FileSplit widened = isFirst ? split :
            split with { OffsetBytes = split.OffsetBytes - 1, LengthBytes = split.LengthBytes + 1 };
        _buffer = new SplitBuffer(widened, bufferBytes, keepsChunks, cancellation);
        _endBytes = split.EndBytes;
        try
        {
            if (!isFirst)
            {
                DropStartedLine();
            }
            else if (_buffer.Fill() && _buffer.OffsetBytes > 0)
            {
                // The line behind a byte order mark is the first split's, however small that is.
                _endBytes = Math.Max(_endBytes, _buffer.OffsetBytes + 1);
            }
        }
        catch
        {
            _buffer.Dispose();
            throw;
        }
    }

    /// <summary>The offset in the file of the line that was read last.</summary>
    public long LineOffsetBytes { get; private set; }

    /// <summary>The array that holds the line that was read last.</summary>
    public byte[] Chunk => _buffer.Bytes;

    /// <summary>
    /// Finds the next line, without its end, in <see cref="Chunk"/>. Valid until the next call, unless chunks are kept.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out int start, out int length)
    {
        SplitBuffer buffer = _buffer;
        start = buffer.Start;
        ReadOnlySpan<byte> unread = buffer.Unread;
        int end = unread.IndexOf((byte)'\n');
        if (end < 0)
        {
            return TryReadSlow(out start, out length);
        }

        return Take(start, end, end + 1, out length);
    }

    /// <summary>
    /// As <see cref="TryRead"/>, but takes as many whole lines at once as are at hand, with the line ends between them
    /// and perhaps the last one's. <see cref="LineOffsetBytes"/> is the first one's.
    /// </summary>
    public bool TryReadRun(out int start, out int length)
    {
        start = _buffer.Start;
        int taken = RunBytes(_buffer.Unread);
        return taken == 0 ? TryRead(out start, out length) : Take(start, taken, taken, out length);
    }

    public void Dispose() => _buffer.Dispose();

    /// <summary>The bytes of the split's lines that are at hand to their ends, with these.</summary>
    private int RunBytes(ReadOnlySpan<byte> unread)
    {
        // The split's last line is the one with the byte before its end.
        long last = _endBytes - 1 - _buffer.OffsetBytes;
        if (last >= unread.Length)
        {
            return unread.LastIndexOf((byte)'\n') + 1;
        }

        int end = last < 0 ? -1 : unread[(int)last..].IndexOf((byte)'\n');
        return end < 0 ? 0 : (int)last + end + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Take(int start, int end, int taken, out int length)
    {
        SplitBuffer buffer = _buffer;
        LineOffsetBytes = buffer.OffsetBytes;
        length = end > 0 && taken > end && buffer.Bytes[start + end - 1] == (byte)'\r' ? end - 1 : end;
        if (LineOffsetBytes >= _endBytes)
        {
            return false;
        }

        buffer.Start = start + taken;
        return true;
    }

    private bool TryReadSlow(out int start, out int length)
    {
        int searched = _buffer.Unread.Length;
        while (true)
        {
            if (_buffer.OffsetBytes >= _endBytes)
            {
                (start, length) = (0, 0);
                return false;
            }

            bool more = _buffer.Fill();
            start = _buffer.Start;
            int end = more ? _buffer.Unread[searched..].IndexOf((byte)'\n') : -1;
            if (end >= 0)
            {
                return Take(start, searched + end, searched + end + 1, out length);
            }

            searched = _buffer.Unread.Length;
            if (!more)
            {
                length = 0;
                return searched > 0 && Take(start, searched, searched, out length);
            }
        }
    }

    private void DropStartedLine()
    {
        while (_buffer.Fill())
        {
            int end = _buffer.Unread.IndexOf((byte)'\n');
            if (end >= 0)
            {
                _buffer.Start += end + 1;
                return;
            }

            _buffer.Start = _buffer.End;
        }
    }
}
