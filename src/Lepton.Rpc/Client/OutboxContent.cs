using System.Net;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>A request body that lasts as long as its stream and carries whatever the outbox has.</summary>
internal sealed class OutboxContent(MessageOutbox outbox, Func<Exception, Exception> asFailure) : HttpContent
{
    private int _started;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            // The handler tries again on another connection where the first one closed before the callee took the
            // request. What was sent is gone by then.
            throw new IOException("The connection was closed before the callee took the stream.");
        }

        // The headers leave now: a callee may speak first.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        await outbox.PumpAsync(
            async (batch, token) =>
            {
                await stream.WriteAsync(batch, token).ConfigureAwait(false);
                await stream.FlushAsync(token).ConfigureAwait(false);
            },
            asFailure, cancellationToken).ConfigureAwait(false);
    }
}
