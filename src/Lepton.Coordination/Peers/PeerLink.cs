using System.Buffers;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Messages;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Peers;

/// <summary>
/// The way to one peer: one long stream, opened again whenever it breaks. Messages wait in a bounded queue; what finds
/// it full is lost, as on any network, and the consensus sends it again. Thread safe.
/// </summary>
internal sealed class PeerLink : IAsyncDisposable
{
    // More than the consensus may have on the way to one peer: entries, a piece of a snapshot, proposals. Only what is
    // sent again while the first is still here finds no room.
    private const int QueuedMax = 4096;
    private const long QueuedBytesMax = 96L << 20;
    private const int FrameBytesMax = 1 << 20;
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);
    private readonly PeerIdentity _self;
    private readonly PeerLinkOptions _options;
    private readonly Action<NodeId> _unreachable;
    private readonly PeerQueue _queue = new(QueuedMax, QueuedBytesMax);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private string? _lastFault;

    public PeerLink(
        PeerIdentity self, NodeId peer, IReadOnlyList<Uri> addresses, PeerLinkOptions options,
        Action<NodeId> unreachable)
    {
        (_self, Peer, Addresses, _options, _unreachable) = (self, peer, addresses, options, unreachable);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Where it leads.</summary>
    public NodeId Peer { get; }

    /// <summary>The peer's addresses, which are tried in turn.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    public void Send(RaftMessage message) => _queue.Add(message);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan pause = PauseMin;
        for (int attempt = 0; !_stopping.IsCancellationRequested; attempt++)
        {
            Uri address = Addresses[attempt % Addresses.Count];
            using RpcChannel channel = new(address, _options.Channel);
            bool wasOpen = false;
            try
            {
                await using RpcDuplexCall<PeerFrame, PeerFrame> call = channel.OpenDuplex(PeerMethods.Exchange);
                await GreetAsync(call).ConfigureAwait(false);
                wasOpen = true;
                _lastFault = null;
                PeerLog.Connected(_options.Logger, Peer, address);
                await PumpAsync(call).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever it was, the way must come back: a link that ends would cut a peer off for good.
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                Tell(address, e);
            }

            _unreachable(Peer);
            DropQueued();
            pause = wasOpen ? PauseMin : TimeSpan.FromTicks(Math.Min(PauseMax.Ticks, pause.Ticks * 2));
            await Task.Delay(pause, _options.TimeProvider, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task GreetAsync(RpcDuplexCall<PeerFrame, PeerFrame> call)
    {
        await call.WriteAsync(new PeerFrame { Hello = _self.Hello(Peer) }, _stopping.Token).ConfigureAwait(false);
        using CancellationTokenSource patience = new(HelloTimeout, _options.TimeProvider);
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
        PeerFrame? answer = await call.ReadAsync(either.Token).ConfigureAwait(false);
        _self.Check(answer?.Hello);
    }

    private async Task PumpAsync(RpcDuplexCall<PeerFrame, PeerFrame> call)
    {
        // The peer sends nothing more, so a reading ends when the stream does: that is how a break is seen at once, and
        // not only with the next message.
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task<PeerFrame?> end = call.ReadAsync(ended.Token).AsTask();
        try
        {
            while (true)
            {
                Task<bool> some = _queue.WaitToReadAsync(ended.Token).AsTask();
                if (await Task.WhenAny(some, end).ConfigureAwait(false) == end)
                {
                    await end.ConfigureAwait(false);
                    throw new RpcException(StatusCode.Unavailable, "the peer has ended the stream");
                }

                await some.ConfigureAwait(false);
                Task written = call.WriteAsync(NextFrame(), ended.Token).AsTask();
                await (await Task.WhenAny(written, end).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await ((Task)end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private PeerFrame NextFrame()
    {
        PeerMessages messages = new();
        int bytes = 0;
        while (bytes < FrameBytesMax && _queue.TryRead(out RaftMessage? message))
        {
            ArrayBufferWriter<byte> encoded = new(256);
            RaftMessageCodec.Encode(message, encoded);
            bytes += encoded.WrittenCount;
            messages.Messages.Add(UnsafeByteOperations.UnsafeWrap(encoded.WrittenMemory));
        }

        return new PeerFrame { Messages = messages };
    }

    private void DropQueued()
    {
        // They are of a time when nobody listened; the consensus knows that they may be lost.
        while (_queue.TryRead(out _))
        {
        }
    }

    private void Tell(Uri address, Exception fault)
    {
        // A peer that is down is tried again all the time: said once, until something else is wrong.
        string told = fault is OperationCanceledException ? "it does not answer in time." : fault.Message;
        if (told != _lastFault)
        {
            _lastFault = told;
            PeerLog.Unreachable(_options.Logger, Peer, address, told);
        }
    }
}
