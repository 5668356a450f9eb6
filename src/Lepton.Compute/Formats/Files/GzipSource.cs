using System.Buffers;
using System.IO.Compression;

namespace Lepton.Compute.Formats;

/// <summary>
/// The decompressed bytes of a gzip file, all members of it. The framework takes a file that was cut off for one that
/// ends, and rows would be lost without a word. So one more member of our own is put behind the file: only if it comes
/// out last, and whole, was what stands before it complete.
/// </summary>
internal sealed class GzipSource : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private static readonly byte[] Seal = "the end of the file, and nothing but the end of the file"u8.ToArray();
    private static readonly byte[] SealMember = Compress(Seal);
    private readonly string _path;
    private readonly GZipStream _gzip;
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _start;
    private int _end;
    private long _givenBytes;
    private bool _hasEnded;

    public GzipSource(string path)
    {
        _path = path;
        _gzip = new GZipStream(new SealedStream(File.OpenRead(path)), CompressionMode.Decompress);
    }

    /// <summary>Reads at least one byte unless the file has ended.</summary>
    public int Read(Span<byte> into)
    {
        // The last bytes are held back until it is known whether they are the seal.
        while (_end - _start <= Seal.Length && !_hasEnded)
        {
            Fill();
        }

        int count = Math.Min(into.Length, _end - _start - (_hasEnded ? 0 : Seal.Length));
        _bytes.AsSpan(_start, count).CopyTo(into);
        _start += count;
        _givenBytes += count;
        return count;
    }

    public void Dispose()
    {
        _gzip.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
    }

    private void Fill()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        int read;
        try
        {
            read = _gzip.Read(_bytes.AsSpan(_end));
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e.Message.TrimEnd('.'), e);
        }

        _end += read;
        if (read > 0)
        {
            return;
        }

        _hasEnded = true;
        if (!_bytes.AsSpan(0, _end).EndsWith(Seal))
        {
            throw Damaged("it was cut off, or other bytes follow its end", null);
        }

        _end -= Seal.Length;
    }

    private UnreadableFileException Damaged(string why, Exception? inner) => new(_path,
        $"is not a complete gzip file: {why} (about {_givenBytes} bytes could be decompressed). Check it with 'gzip " +
        "-t', or drop '.gz' from its name if it is plain text.", inner);

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    /// <summary>A file, and the seal behind it.</summary>
    private sealed class SealedStream(FileStream file) : Stream
    {
        private int _sealed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = file.Read(buffer);
            if (read == 0)
            {
                read = Math.Min(buffer.Length, SealMember.Length - _sealed);
                SealMember.AsSpan(_sealed, read).CopyTo(buffer);
                _sealed += read;
            }

            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
