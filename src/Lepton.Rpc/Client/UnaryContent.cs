using System.Net;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>A request body of one message, whose length is known. The message is serialised when it is sent.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly IMessage _message;
    private readonly int _sizeBytes;

    public UnaryContent(IMessage message)
    {
        _message = message;
        _sizeBytes = message.CalculateSize();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _sizeBytes + FrameFormat.HeaderBytes;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        PooledBuffer buffer = new();
        try
        {
            FrameFormat.Write(buffer, _message);
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            buffer.Release();
        }
    }
}
