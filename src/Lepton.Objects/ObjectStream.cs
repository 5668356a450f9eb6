using System.Buffers;
using Lepton.Core.Streams;

namespace Lepton.Objects;

/// <summary>
/// One version of an object, read in order from some byte on. Bytes are fetched ahead of the reader, into two buffers.
/// A read that breaks, or stands still, goes on from where it ended, by another request for the same version. Not
/// thread safe. It waits for the network on its reader's thread, as streams do.
/// </summary>
public sealed class ObjectStream : ReadOnlyStream
{
    private const int ChunkBytes = 256 << 10;

    // Asked for at once, behind where the reader was to end: the rest of a last line.
    private const long BeyondEndBytes = 8 << 10;

    // At first, as some readers want a header and no more; and behind the likely end.
    private const long FurtherBytes = 1 << 20;

    // Times in a row that nothing came before it broke again.
    private const int BreaksMax = 4;
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(60);
    private readonly ObjectClient _objects;
    private readonly ObjectInfo _version;
    private readonly long _likelyEnd;
    private readonly CancellationTokenSource _stop;
    private byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private byte[] _spare = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private int _at;
    private int _count;
    private Task<int>? _ahead;
    private Stream? _body;
    private long _fetched;
    private long _rangeEnd;
    private bool _isBegun;
    private bool _isDisposed;

    internal ObjectStream(
        ObjectClient objects, ObjectInfo version, long offset, long endHint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        (_objects, _version, _fetched) = (objects, version, offset);
        _rangeEnd = offset;
        _likelyEnd = endHint > version.Bytes - BeyondEndBytes ? version.Bytes : endHint + BeyondEndBytes;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Of the whole object.</summary>
    public override long Length => _version.Bytes;

    /// <summary>Reads at least one byte unless the object has ended; returns how many.</summary>
    /// <exception cref="ObjectException">
    /// It is not there, was replaced, or the store refuses or can't be reached.
    /// </exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!buffer.IsEmpty && _at == _count)
        {
            Turn();
        }

        int read = Math.Min(buffer.Length, _count - _at);
        _chunk.AsSpan(_at, read).CopyTo(buffer);
        _at += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _stop.Cancel();

            // Nothing may write into a buffer that was given back.
            ((Task?)_ahead)?.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            _body?.Dispose();
            _stop.Dispose();
            ArrayPool<byte>.Shared.Return(_chunk);
            ArrayPool<byte>.Shared.Return(_spare);
        }

        base.Dispose(disposing);
    }

    /// <summary>Takes up the bytes that were fetched ahead, and has the next ones fetched.</summary>
    private void Turn()
    {
        Task<int> ahead = _ahead ?? FetchAsync(_spare);
        _ahead = null;
        (_at, _count) = (0, 0);
        int count = ahead.GetAwaiter().GetResult();
        (_chunk, _spare, _count) = (_spare, _chunk, count);
        if (_fetched < _likelyEnd)
        {
            _ahead = FetchAsync(_spare);
        }
    }

    private async Task<int> FetchAsync(byte[] chunk)
    {
        int count = 0;
        for (int breaks = 0; count < chunk.Length && _fetched < _version.Bytes;)
        {
            if (_fetched == _rangeEnd && count > 0)
            {
                break;
            }

            _body ??= await OpenAsync().ConfigureAwait(false);
            try
            {
                int most = (int)Math.Min(chunk.Length - count, _rangeEnd - _fetched);
                int read = await ReadAsync(_body, chunk.AsMemory(count, most)).ConfigureAwait(false);
                count += read;
                _fetched += read;
                breaks = 0;
            }
            catch (ObjectException) when (++breaks <= BreaksMax)
            {
                await CloseAsync().ConfigureAwait(false);
                continue;
            }

            if (_fetched == _rangeEnd)
            {
                await CloseAsync().ConfigureAwait(false);
            }
        }

        return count;
    }

    private async Task<Stream> OpenAsync()
    {
        if (_fetched >= _rangeEnd)
        {
            _rangeEnd = _isBegun && _fetched < _likelyEnd
                ? _likelyEnd
                : Math.Min(_fetched + FurtherBytes, _version.Bytes);
            _isBegun = true;
        }

        return await _objects.OpenAsync(
            _version.Url, _fetched, _rangeEnd - _fetched, _version.ETag, _stop.Token).ConfigureAwait(false);
    }

    private async Task<int> ReadAsync(Stream body, Memory<byte> into)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        silence.CancelAfter(s_silenceMax);
        try
        {
            int read = await _objects.AskAsync(_version.Url, () => body.ReadAsync(into, silence.Token).AsTask())
                .ConfigureAwait(false);
            return read > 0
                ? read
                : throw new ObjectException(
                    $"{_version.Url}: the answer ended at byte {_fetched} of {_rangeEnd}, again and again. Try later.");
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            throw new ObjectException(
                $"{_version.Url}: {_objects.StoreName} sent nothing for {s_silenceMax.TotalSeconds} s, again and " +
                $"again, from byte {_fetched} on. Look whether the store is well, and try later.");
        }
    }

    private async Task CloseAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DisposeAsync().ConfigureAwait(false);
        }
    }
}
