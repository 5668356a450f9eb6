using Microsoft.Win32.SafeHandles;

namespace Lepton.Compute.Formats;

/// <summary>
/// The bytes of a file or an object from an offset on, plain or through gzip, with no buffer of its own for plain
/// files.
/// </summary>
internal sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly ObjectSource? _object;
    private readonly GzipSource? _gzip;

    private ByteSource(FileSplit split, CancellationToken cancellation)
    {
        OffsetBytes = split.OffsetBytes;
        if (split.ETag.Length > 0)
        {
            _object = new ObjectSource(split, cancellation);
            _gzip = split.IsGzip ? new GzipSource(split.Path, _object) : null;
            return;
        }

        try
        {
            if (split.IsGzip)
            {
                _gzip = new GzipSource(split.Path, File.OpenRead(split.Path));
                return;
            }

            _handle = File.OpenHandle(split.Path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SourceNotFoundException(split.Path, $"There is no file {split.Path} any more: it was there " +
                "when the job was planned. Put it back, or start the job again without it.");
        }

        long bytes = RandomAccess.GetLength(_handle);
        if (bytes < split.EndBytes)
        {
            _handle.Dispose();
            throw new UnreadableFileException(split.Path, $"has {bytes} bytes, but had at least {split.EndBytes} " +
                "when the job was planned: it was changed meanwhile. Read it as a new data set when it is complete: " +
                "a data set keeps the lengths that files had at its first action.");
        }
    }

    /// <summary>Opens a split's file where the split begins; it goes on behind the split's end.</summary>
    /// <exception cref="SourceException">It is not there any more, or another one.</exception>
    public static ByteSource Open(FileSplit split, CancellationToken cancellation) => new(split, cancellation);

    /// <summary>The offset of the next byte that <see cref="Read"/> gives.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>Reads at least one byte unless the file has ended; returns how many.</summary>
    public int Read(Span<byte> into)
    {
        int read = _gzip?.Read(into) ?? _object?.Read(into) ?? RandomAccess.Read(_handle!, into, OffsetBytes);
        OffsetBytes += read;
        return read;
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _gzip?.Dispose();
        _object?.Dispose();
    }
}
