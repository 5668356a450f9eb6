using System.Buffers;
using System.IO.Pipelines;

namespace Lepton.Rpc.Server;

/// <summary>
/// Stands in front of a connection of HTTP/2 and applies <see cref="AuthorityPatch"/>. A caller keeps to one target for
/// a connection, so the first block of headers decides: where there is nothing to patch, what follows is read from the
/// connection itself, without a copy.
/// </summary>
internal sealed class AuthorityFilter : PipeReader
{
    private const int PrefaceBytes = 24;
    private const int FrameHeaderBytes = 9;
    private const byte HeadersType = 1;
    private const byte PaddedFlag = 0x08;
    private const byte PriorityFlag = 0x20;

    // Kestrel allows frames of this size unless told otherwise.
    private const int FrameBytesMax = 1 << 20;
    private readonly PipeReader _connection;
    private readonly Pipe _looked = new(new PipeOptions(useSynchronizationContext: false));
    private PipeReader _current;

    private AuthorityFilter(PipeReader connection)
    {
        _connection = connection;
        _current = _looked.Reader;
    }

    /// <summary>Puts a filter before a connection's input.</summary>
    public static IDuplexPipe Before(IDuplexPipe connection)
    {
        AuthorityFilter filter = new(connection.Input);
        _ = filter.LookAsync();
        return new Filtered(filter, connection.Output);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _current == _connection ? _connection.ReadAsync(cancellationToken) : ReadLookedAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        if (!_current.TryRead(out result))
        {
            return false;
        }

        if (_current == _connection || !result.IsCompleted)
        {
            return true;
        }

        if (!result.Buffer.IsEmpty)
        {
            result = new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
            return true;
        }

        _current.AdvanceTo(result.Buffer.End);
        _current.Complete();
        _current = _connection;
        return _current.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => _current.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        _current.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _current.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _looked.Reader.Complete(exception);
        _connection.Complete(exception);
    }

    private async ValueTask<ReadResult> ReadLookedAsync(CancellationToken cancellationToken)
    {
        ReadResult result = await _current.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!result.IsCompleted)
        {
            return result;
        }

        if (!result.Buffer.IsEmpty)
        {
            return new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
        }

        // All that was looked at has been read.
        _current.AdvanceTo(result.Buffer.End);
        await _current.CompleteAsync().ConfigureAwait(false);
        _current = _connection;
        return await _current.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LookAsync()
    {
        try
        {
            await CopyAsync(PrefaceBytes).ConfigureAwait(false);
            bool? patches = null;
            while (patches != false && await ReadAtLeastAsync(FrameHeaderBytes).ConfigureAwait(false) is { } header)
            {
                byte[] start = header.Slice(0, FrameHeaderBytes).ToArray();
                _connection.AdvanceTo(header.Start);
                int length = (start[0] << 16) | (start[1] << 8) | start[2];
                byte[]? frame = length > FrameBytesMax
                    ? null
                    : await TakeAsync(FrameHeaderBytes + length).ConfigureAwait(false);
                if (frame is null)
                {
                    break;
                }

                if (start[3] == HeadersType)
                {
                    patches = AuthorityPatch.Apply(Block(frame, start[4])) || patches == true;
                }

                await _looked.Writer.WriteAsync(frame).ConfigureAwait(false);
            }

            await _looked.Writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The reader gets it, as it would have from the connection.
            await _looked.Writer.CompleteAsync(e).ConfigureAwait(false);
        }
    }

    private static Span<byte> Block(byte[] frame, byte flags)
    {
        int from = FrameHeaderBytes + ((flags & PaddedFlag) != 0 ? 1 : 0) + ((flags & PriorityFlag) != 0 ? 5 : 0);
        int padding = (flags & PaddedFlag) != 0 && frame.Length > FrameHeaderBytes ? frame[FrameHeaderBytes] : 0;
        int to = frame.Length - padding;
        return from < to ? frame.AsSpan(from, to - from) : [];
    }

    private async Task CopyAsync(int bytes)
    {
        if (await TakeAsync(bytes).ConfigureAwait(false) is { } taken)
        {
            await _looked.Writer.WriteAsync(taken).ConfigureAwait(false);
        }
    }

    private async Task<byte[]?> TakeAsync(int bytes)
    {
        if (await ReadAtLeastAsync(bytes).ConfigureAwait(false) is not { } buffer)
        {
            return null;
        }

        byte[] taken = buffer.Slice(0, bytes).ToArray();
        _connection.AdvanceTo(buffer.GetPosition(bytes));
        return taken;
    }

    /// <summary>Null at the end of the connection, whose rest is then left to be read from it.</summary>
    private async ValueTask<ReadOnlySequence<byte>?> ReadAtLeastAsync(int bytes)
    {
        ReadResult result = await _connection.ReadAtLeastAsync(bytes).ConfigureAwait(false);
        if (result.Buffer.Length >= bytes)
        {
            return result.Buffer;
        }

        _connection.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
        return null;
    }

    private sealed record Filtered(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
