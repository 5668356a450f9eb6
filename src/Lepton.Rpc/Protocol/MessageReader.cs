using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Lepton.Rpc.Protocol;

/// <summary>
/// Takes messages off a body. Parses straight from the transport's memory: what has arrived is held until every whole
/// frame in it was handed out, and only then is more asked for, so a slow consumer pushes back on the sender. One
/// consumer at a time.
/// </summary>
internal sealed class MessageReader<T>
    where T : class, IMessage<T>
{
    private readonly PipeReader _pipe;
    private readonly MessageParser<T> _parser;
    private readonly int _messageBytesMax;
    private readonly bool _mayBeGzip;
    private readonly StatusCode _cutShort;
    private readonly Func<RpcStatus, RpcException> _fault;
    private ReadOnlySequence<byte> _buffer;
    private bool _holdsBuffer;
    private bool _ended;

    /// <param name="pipe">The body.</param>
    /// <param name="parser">Parses one message.</param>
    /// <param name="messageBytesMax">The largest message accepted, unpacked.</param>
    /// <param name="encoding">The body's <c>grpc-encoding</c>, null for none.</param>
    /// <param name="fault">Makes the exception for a body that breaks the protocol; it knows who sent it.</param>
    /// <param name="cutShort">The status of a body that ends inside a message.</param>
    public MessageReader(
        PipeReader pipe, MessageParser<T> parser, int messageBytesMax, string? encoding,
        Func<RpcStatus, RpcException> fault, StatusCode cutShort = StatusCode.Internal)
    {
        _pipe = pipe;
        _parser = parser;
        _messageBytesMax = messageBytesMax;
        _mayBeGzip = encoding == HeaderNames.Gzip;
        _fault = fault;
        _cutShort = cutShort;
    }

    /// <summary>The next message, or null at the end of the body.</summary>
    public ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryTake(out T? message) ? new ValueTask<T?>(message) : ReadMoreAsync(cancellationToken);
    }

    private async ValueTask<T?> ReadMoreAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            if (_holdsBuffer)
            {
                _holdsBuffer = false;
                _pipe.AdvanceTo(_buffer.Start, _buffer.End);
            }

            ReadResult result = await _pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            _buffer = result.Buffer;
            _holdsBuffer = true;
            _ended = result.IsCompleted;
            if (TryTake(out T? message))
            {
                return message;
            }
        }

        // The rest of the last read may hold more whole frames; only what is left over after them is a broken end.
        if (TryTake(out T? last))
        {
            return last;
        }

        if (!_buffer.IsEmpty)
        {
            throw _fault(new RpcStatus(_cutShort,
                $"the body ended inside a message: {_buffer.Length:N0} bytes were left over, which is no whole frame"));
        }

        return null;
    }

    private bool TryTake(out T? message)
    {
        message = null;
        if (!FrameFormat.TryReadHeader(_buffer, out byte flag, out uint length))
        {
            return false;
        }

        CheckHeader(flag, length);
        if (_buffer.Length - FrameFormat.HeaderBytes < length)
        {
            return false;
        }

        ReadOnlySequence<byte> payload = _buffer.Slice(FrameFormat.HeaderBytes, length);
        _buffer = _buffer.Slice(payload.End);
        message = Parse(flag == 0 ? payload : Unpack(payload));
        return true;
    }

    private void CheckHeader(byte flag, uint length)
    {
        if (flag > 1)
        {
            throw _fault(new RpcStatus(StatusCode.Internal,
                $"a frame starts with the byte 0x{flag:x2} where 0 (plain) or 1 (compressed) was expected"));
        }

        if (flag == 1 && !_mayBeGzip)
        {
            throw _fault(new RpcStatus(StatusCode.Internal,
                "a message is marked as compressed, but the grpc-encoding header names no compression"));
        }

        if (length > (uint)_messageBytesMax)
        {
            throw TooLarge($"{length:N0} bytes");
        }
    }

    private ReadOnlySequence<byte> Unpack(in ReadOnlySequence<byte> payload)
    {
        try
        {
            ReadOnlyMemory<byte> plain = GzipDecoder.Decode(payload, _messageBytesMax) ??
                throw TooLarge("more than that when unpacked");
            return new ReadOnlySequence<byte>(plain);
        }
        catch (InvalidDataException e)
        {
            throw _fault(new RpcStatus(StatusCode.Internal,
                $"a message is marked as gzip but can't be unpacked: {e.Message}"));
        }
    }

    private T Parse(in ReadOnlySequence<byte> payload)
    {
        try
        {
            return _parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw _fault(new RpcStatus(StatusCode.Internal,
                $"a message of {payload.Length:N0} bytes is no valid {typeof(T).Name}: {e.Message}"));
        }
    }

    private RpcException TooLarge(string found) => _fault(new RpcStatus(StatusCode.ResourceExhausted,
        $"a message of {typeof(T).Name} is larger than the receiver's limit of {_messageBytesMax:N0} bytes: it has " +
        found));
}
