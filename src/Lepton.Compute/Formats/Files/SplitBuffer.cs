using System.Buffers;

namespace Lepton.Compute.Formats;

/// <summary>
/// A window over a split that always holds the unread bytes in one piece. It starts at the split's first byte and may
/// be filled beyond its end, as the last line or record of a split reaches into the next. A byte order mark at the
/// file's start is skipped.
/// </summary>
internal sealed class SplitBuffer : IDisposable
{
    /// <summary>Small enough to stay in a core's second-level cache.</summary>
    public const int DefaultBytes = 256 * 1024;

    // One record may need all of this in memory; past it something is wrong with the file.
    public const int RecordBytesMax = 256 * 1024 * 1024;

    private const int BeyondEndBytes = 8 * 1024;
    private const int ByteOrderMarkBytes = 3;
    private readonly int _recordBytesMax;
    private readonly ByteSource _source;
    private readonly CancellationToken _cancellation;
    private readonly bool _keepsChunks;
    private readonly int _bytes;
    private readonly long _splitEndBytes;
    private bool _isStart;

    /// <param name="split">What to read.</param>
    /// <param name="bufferBytes">The size to start with; it doubles as a longer record needs it.</param>
    /// <param name="keepsChunks">True: each fill takes a new array, so slices of older ones stay valid. False: one
    /// pooled array.</param>
    /// <param name="cancellation">Checked at each fill.</param>
    /// <param name="recordBytesMax">The longest line or record that is taken for one.</param>
    public SplitBuffer(FileSplit split, int bufferBytes, bool keepsChunks, CancellationToken cancellation,
        int recordBytesMax = RecordBytesMax)
    {
        _recordBytesMax = recordBytesMax;
        _source = ByteSource.Open(split, cancellation);
        _splitEndBytes = split.EndBytes;
        _cancellation = cancellation;
        _keepsChunks = keepsChunks;
        _bytes = bufferBytes;
        _isStart = split.OffsetBytes == 0;
        Path = split.Path;
        BaseOffsetBytes = split.OffsetBytes;
        Bytes = keepsChunks ? [] : ArrayPool<byte>.Shared.Rent(bufferBytes);
    }

    public string Path { get; }

    /// <summary>The array; unread bytes lie from <see cref="Start"/> to <see cref="End"/>.</summary>
    public byte[] Bytes { get; private set; }

    public int Start { get; set; }

    public int End { get; private set; }

    /// <summary>The offset in the file of the byte at index 0.</summary>
    public long BaseOffsetBytes { get; private set; }

    /// <summary>The offset in the file of the first unread byte.</summary>
    public long OffsetBytes => BaseOffsetBytes + Start;

    /// <summary>Whether the file has no bytes beyond those that are here.</summary>
    public bool IsAtFileEnd { get; private set; }

    public ReadOnlySpan<byte> Unread => Bytes.AsSpan(Start, End - Start);

    /// <summary>
    /// Adds bytes behind the unread ones, which may move. False, and nothing changed, at the file's end.
    /// </summary>
    public bool Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (IsAtFileEnd)
        {
            return false;
        }

        int before = End - Start;
        do
        {
            MakeRoom();
            long left = Math.Max(_splitEndBytes - _source.OffsetBytes, 0);
            int wanted = (int)Math.Min(Bytes.Length - End, left == 0 ? BeyondEndBytes : left);
            int read = _source.Read(Bytes.AsSpan(End, wanted));
            End += read;
            IsAtFileEnd = read == 0;
        }
        while (_isStart && End - Start < ByteOrderMarkBytes && !IsAtFileEnd);

        int added = End - Start - before;
        if (_isStart)
        {
            _isStart = false;
            SkipByteOrderMark();
        }

        return added > 0;
    }

    public void Dispose()
    {
        _source.Dispose();
        if (!_keepsChunks && Bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(Bytes);
        }

        Bytes = [];
    }

    private void MakeRoom()
    {
        int unread = End - Start;
        if (Bytes.Length - End > Bytes.Length / 2)
        {
            return;
        }

        if (unread > _recordBytesMax)
        {
            throw new UnreadableFileException(Path,
                $"has a line or record of more than {_recordBytesMax} bytes from byte {OffsetBytes} on. Is it a text " +
                "file with line ends, and is every quote closed?");
        }

        byte[] next = Bytes;
        bool grows = unread > Bytes.Length / 2;
        if (_keepsChunks)
        {
            next = GC.AllocateUninitializedArray<byte>(Math.Max(_bytes, unread * 2));
        }
        else if (grows)
        {
            next = ArrayPool<byte>.Shared.Rent(Bytes.Length * 2);
        }

        Unread.CopyTo(next);
        if (!_keepsChunks && grows)
        {
            ArrayPool<byte>.Shared.Return(Bytes);
        }

        BaseOffsetBytes += Start;
        (Bytes, Start, End) = (next, 0, unread);
    }

    private void SkipByteOrderMark()
    {
        ReadOnlySpan<byte> first = Unread;
        if (first.StartsWith("\uFEFF"u8))
        {
            Start += ByteOrderMarkBytes;
        }
        else if (first.StartsWith([(byte)0xFF, (byte)0xFE]) || first.StartsWith([(byte)0xFE, (byte)0xFF]))
        {
            throw new UnreadableFileException(Path, "is UTF-16, but only UTF-8 is read. Save it as UTF-8, for " +
                "example with 'iconv -f UTF-16 -t UTF-8'.");
        }
    }
}
