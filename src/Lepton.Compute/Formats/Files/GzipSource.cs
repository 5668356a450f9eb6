using System.IO.Compression;
using Lepton.Core.Streams;

namespace Lepton.Compute.Formats;

/// <summary>
/// The decompressed bytes of a gzip file, all members of it. The framework takes a file that was cut off for one that
/// ends, and rows would be lost without a word. So, when all bytes of the file were read and given, one more member of
/// our own is put behind them: only if that comes out, whole and alone, was what stands before it complete. What comes
/// out behind the file's own bytes is never given.
/// </summary>
internal sealed class GzipSource : IDisposable
{
    private static readonly byte[] Seal = "the end of the file, and nothing but the end of the file"u8.ToArray();
    private static readonly byte[] SealMember = Compress(Seal);
    private readonly string _path;
    private readonly SealableStream _file;
    private readonly GZipStream _gzip;
    private long _givenBytes;
    private bool _hasEnded;

    /// <param name="path">As messages name it.</param>
    /// <param name="file">Its bytes, with their number; closed with this.</param>
    public GzipSource(string path, Stream file)
    {
        _path = path;
        _file = new SealableStream(file);
        _gzip = new GZipStream(_file, CompressionMode.Decompress);
    }

    /// <summary>Reads at least one byte unless the file has ended.</summary>
    /// <exception cref="UnreadableFileException">The file is cut off, damaged, or not gzip.</exception>
    public int Read(Span<byte> into)
    {
        if (_hasEnded || into.IsEmpty)
        {
            return 0;
        }

        int read = Decompress(into);
        _givenBytes += read;
        if (read == 0)
        {
            _hasEnded = true;
            CheckSeal();
        }

        return read;
    }

    public void Dispose() => _gzip.Dispose();

    private int Decompress(Span<byte> into)
    {
        try
        {
            return _gzip.Read(into);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(_file.IsSealed ? CutOff : e.Message.TrimEnd('.'), e);
        }
    }

    private void CheckSeal()
    {
        _file.IsSealed = true;
        Span<byte> behind = new byte[Seal.Length + 1];
        int count = 0;
        while (count < behind.Length && Decompress(behind[count..]) is var read and > 0)
        {
            count += read;
        }

        if (!behind[..count].SequenceEqual(Seal))
        {
            throw Damaged(CutOff, null);
        }
    }

    private static string CutOff => "it was cut off there, or other bytes follow its end";

    private UnreadableFileException Damaged(string why, Exception? inner) => new(
        _path,
        $"is a truncated or corrupt gzip file: at or before byte {_file.GivenBytes}, of {_file.FileBytes}, {why}. " +
        $"{_givenBytes} bytes could be decompressed. Get the file anew from where it came from and check it with " +
        "'gzip -t', or drop '.gz' from its name if it is plain text.",
        inner);

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    /// <summary>A file, and behind it, once it is sealed, the seal.</summary>
    private sealed class SealableStream(Stream file) : ReadOnlyStream
    {
        private int _sealBytes;

        public bool IsSealed { get; set; }

        public long FileBytes => file.Length;

        /// <summary>Bytes of the file that were handed out.</summary>
        public long GivenBytes { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int read;
            if (IsSealed)
            {
                read = Math.Min(buffer.Length, SealMember.Length - _sealBytes);
                SealMember.AsSpan(_sealBytes, read).CopyTo(buffer);
                _sealBytes += read;
                return read;
            }

            read = file.Read(buffer);
            GivenBytes += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
