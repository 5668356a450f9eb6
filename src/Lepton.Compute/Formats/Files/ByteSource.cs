using Microsoft.Win32.SafeHandles;

namespace Lepton.Compute.Formats;

/// <summary>
/// The bytes of a file from an offset on, plain or through gzip, with no buffer of its own for plain files.
/// </summary>
internal sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly GzipSource? _gzip;

    /// <param name="path">The file.</param>
    /// <param name="isGzip">Whether to decompress; offsets then count decompressed bytes.</param>
    /// <param name="offsetBytes">Where to start; 0 for gzip.</param>
    /// <param name="bytesMin">The size that the file must have at least, as it was when the job was planned.</param>
    public ByteSource(string path, bool isGzip, long offsetBytes = 0, long bytesMin = 0)
    {
        OffsetBytes = offsetBytes;
        try
        {
            if (isGzip)
            {
                _gzip = new GzipSource(path);
                return;
            }

            _handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceNotFoundException(path, $"There is no file {path} any more: it was there when the job " +
                "was planned. Put it back, or start the job again without it.");
        }

        long bytes = RandomAccess.GetLength(_handle);
        if (bytes < bytesMin)
        {
            _handle.Dispose();
            throw new UnreadableFileException(path, $"has {bytes} bytes, but had at least {bytesMin} when the job " +
                "was planned: it was changed meanwhile. Read it as a new data set when it is complete: a data set " +
                "keeps the lengths that files had at its first action.");
        }
    }

    public static ByteSource Open(FileSplit split) =>
        new(split.Path, split.IsGzip, split.OffsetBytes, split.IsGzip ? 0 : split.EndBytes);

    /// <summary>The offset of the next byte that <see cref="Read"/> gives.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>Reads at least one byte unless the file has ended; returns how many.</summary>
    public int Read(Span<byte> into)
    {
        int read = _gzip is not null ? _gzip.Read(into) : RandomAccess.Read(_handle!, into, OffsetBytes);
        OffsetBytes += read;
        return read;
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _gzip?.Dispose();
    }
}
