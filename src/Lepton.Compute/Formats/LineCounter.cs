using System.Buffers;

namespace Lepton.Compute.Formats;

/// <summary>
/// Finds the line number of an offset by counting line ends from the file's start. Only errors pay for it, and many
/// errors in rising order pay once: it goes on from where it was.
/// </summary>
internal sealed class LineCounter(FileSplit split) : IDisposable
{
    private ByteSource? _source;
    private long _line = 1;

    /// <summary>
    /// The line, from 1, to which the byte at <paramref name="offsetBytes"/> belongs. Offsets must not fall.
    /// </summary>
    public long LineAt(long offsetBytes)
    {
        _source ??= ByteSource.Open(split.FromStart, CancellationToken.None);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(SplitBuffer.DefaultBytes);
        try
        {
            while (_source.OffsetBytes < offsetBytes)
            {
                int wanted = (int)Math.Min(buffer.Length, offsetBytes - _source.OffsetBytes);
                int read = _source.Read(buffer.AsSpan(0, wanted));
                if (read == 0)
                {
                    break;
                }

                _line += buffer.AsSpan(0, read).Count((byte)'\n');
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return _line;
    }

    public void Dispose() => _source?.Dispose();
}
