using System.Buffers;

namespace Lepton.Objects;

/// <summary>
/// What is written into an object that somebody else finishes. Parts go to the store as they fill, one while the next
/// is being written. Disposed without <see cref="Stage"/>, it has the store forget what was sent. Not thread safe. It
/// waits for the network on its writer's thread, as streams do.
/// </summary>
public sealed class UploadStream : Stream
{
    private const int PartBytes = 8 << 20;
    private static readonly TimeSpan s_abortTimeMax = TimeSpan.FromSeconds(5);
    private readonly ObjectUploads _uploads;
    private readonly ObjectUrl _url;
    private readonly CancellationToken _cancellation;
    private readonly List<string> _tags = [];
    private byte[]? _part;
    private int _count;
    private string? _id;
    private Task<string>? _sending;
    private bool _isStaged;

    internal UploadStream(ObjectUploads uploads, ObjectUrl url, CancellationToken cancellationToken) =>
        (_uploads, _url, _cancellation) = (uploads, url, cancellationToken);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_isStaged;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="ObjectException">
    /// The store refuses or can't be reached, or the object is longer than 78 GiB.
    /// </exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            _part ??= ArrayPool<byte>.Shared.Rent(PartBytes);
            int taken = Math.Min(buffer.Length, PartBytes - _count);
            buffer[..taken].CopyTo(_part.AsSpan(_count));
            buffer = buffer[taken..];
            _count += taken;
            if (_count == PartBytes)
            {
                Send();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Does nothing: parts go when they are full.</summary>
    public override void Flush()
    {
    }

    /// <summary>Sends the rest, and gives what it takes to finish the object.</summary>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public StagedObject Stage()
    {
        if (_count > 0)
        {
            Send();
        }

        AwaitPart();
        _isStaged = true;
        return new StagedObject(_url, _id, _tags);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // How it ended no longer matters.
            ((Task?)_sending)?.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            _sending = null;
            if (_part is not null)
            {
                ArrayPool<byte>.Shared.Return(_part);
                _part = null;
            }

            if (_id is not null && !_isStaged)
            {
                TakeBackAsync(_id).GetAwaiter().GetResult();
                _id = null;
            }
        }

        base.Dispose(disposing);
    }

    private void Send()
    {
        AwaitPart();
        if (_tags.Count == FileParts.PartsMax)
        {
            throw new ObjectException(
                $"{_url}: what is written is longer than {(long)FileParts.PartsMax * PartBytes >> 30} GiB, which is " +
                "more than goes into one object this way. Write more and smaller ones.");
        }

        _id ??= _uploads.BeginAsync(_url, _cancellation).GetAwaiter().GetResult();
        _sending = SendAsync(
            new StagedObject(_url, _id, []), _tags.Count + 1, new ArraySegment<byte>(_part!, 0, _count));
        (_part, _count) = (null, 0);
    }

    private async Task<string> SendAsync(StagedObject upload, int number, ArraySegment<byte> bytes)
    {
        string tag = await _uploads.SendAsync(upload, number, bytes, _cancellation).ConfigureAwait(false);

        // One that failed may still be read by what sends it, so that buffer is not given back.
        ArrayPool<byte>.Shared.Return(bytes.Array!);
        return tag;
    }

    private void AwaitPart()
    {
        if (_sending is { } sending)
        {
            _sending = null;
            _tags.Add(sending.GetAwaiter().GetResult());
        }
    }

    private async Task TakeBackAsync(string id)
    {
        using var limit = new CancellationTokenSource(s_abortTimeMax);
        try
        {
            await _uploads.AbortAsync(_url, id, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectException or OperationCanceledException)
        {
            // What stopped the upload stops this too; whoever was to finish it looks again.
            return;
        }
    }
}
