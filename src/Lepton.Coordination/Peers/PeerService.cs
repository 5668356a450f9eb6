using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Messages;
using Lepton.Rpc;
using Lepton.Rpc.Server;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Peers;

/// <summary>Takes what peers send. Thread safe.</summary>
/// <param name="self">This node.</param>
/// <param name="receive">Gives a message to the node.</param>
/// <param name="logger">Where it tells of streams that ended by a fault.</param>
internal sealed class PeerService(PeerIdentity self, Action<RaftMessage> receive, ILogger logger)
{
    /// <summary>
    /// The largest frame that a peer takes, in bytes: well above the largest request with what it travels in.
    /// </summary>
    public const int FrameBytesMax = 2 * CoordinationServiceOptions.RequestBytesMaxLimit;

    /// <summary>Serves the stream of messages.</summary>
    public void MapTo(RpcServices services) => services.MapDuplex(PeerMethods.Exchange, ServeAsync);

    private async Task ServeAsync(RpcServerStream<PeerFrame, PeerFrame> stream, RpcServerCall call)
    {
        PeerHello? hello = (await stream.ReadAsync(call.CancellationToken).ConfigureAwait(false))?.Hello;
        self.Check(hello);
        NodeId peer = new(hello!.From);
        await stream.WriteAsync(new PeerFrame { Hello = self.Hello(peer) }, call.CancellationToken)
            .ConfigureAwait(false);
        try
        {
            while (await stream.ReadAsync(call.CancellationToken).ConfigureAwait(false) is { } frame)
            {
                Deliver(peer, frame);
            }
        }
        catch (RpcException e)
        {
            PeerLog.StreamEnded(logger, peer, e.Detail);
            throw;
        }
    }

    private void Deliver(NodeId peer, PeerFrame frame)
    {
        foreach (ByteString bytes in frame.Messages?.Messages ?? [])
        {
            RaftMessage message;
            try
            {
                message = RaftMessageCodec.Decode(bytes.Memory);
            }
            catch (MalformedMessageException e)
            {
                throw new RpcException(StatusCode.InvalidArgument, $"A message of the member {peer} is no good: " +
                    $"{e.Message}");
            }

            if (message.From != peer || message.To != self.Node)
            {
                throw new RpcException(StatusCode.InvalidArgument,
                    $"The member {peer} sent a message from {message.From} to {message.To} to the member {self.Node}.");
            }

            receive(message);
        }
    }
}
