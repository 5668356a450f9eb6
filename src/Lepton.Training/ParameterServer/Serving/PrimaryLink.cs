using Lepton.Rpc;
using Lepton.Rpc.Client;
using Lepton.Torch;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>A backup's stream from its primary, opened again whenever it ends, until this copy is the
/// primary.</summary>
internal sealed class PrimaryLink(ParameterServerSettings settings, ServerLoop loop, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs until this copy is the primary.</summary>
    /// <exception cref="ParameterServerException">It has no state, and can get none.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var channel = new RpcChannel(
            settings.Peer!, new RpcChannelOptions { BearerToken = settings.Token, TimeProvider = time });
        long startedAt = time.GetTimestamp();
        while (!loop.IsPrimary)
        {
            try
            {
                await FollowAsync(channel, cancellation).ConfigureAwait(false);
            }
            catch (RpcException e) when (!cancellation.IsCancellationRequested)
            {
                if (!loop.HasState && time.GetElapsedTime(startedAt) > settings.JoinTimeMax)
                {
                    throw new ParameterServerException(
                        $"This copy of a parameter server gets no state from {settings.Peer}: {e.Message}", e);
                }
            }

            await Task.Delay(s_pause, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(RpcChannel channel, CancellationToken cancellation)
    {
        RpcDuplexCall<FromBackup, ToBackup> call = channel.OpenDuplex(
            ParameterProtocol.Replicate, cancellationToken: cancellation);
        await using (call.ConfigureAwait(false))
        {
            var outgoing = new RpcOutgoing<FromBackup>(messages => call.WriteManyAsync(messages));
            outgoing.Send(new FromBackup { Attach = new Attach { IsRestarted = settings.IsRestarted } });
            List<Chunk> chunks = [];
            try
            {
                await foreach (ToBackup message in call.ReadAllAsync(cancellation).ConfigureAwait(false))
                {
                    if (message.KindCase == ToBackup.KindOneofCase.Chunk)
                    {
                        chunks.Add(message.Chunk);
                        continue;
                    }

                    List<Chunk> whole = chunks;
                    chunks = [];
                    await loop.PostAsync(() => Take(message, whole, outgoing), cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                await loop.PostAsync(() => loop.HearsPrimary = false, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Take(ToBackup message, List<Chunk> chunks, RpcOutgoing<FromBackup> outgoing)
    {
        loop.HearsPrimary = true;
        long sequence;
        if (message.State is { } state)
        {
            sequence = state.Sequence;
            loop.Install(state.Configuration is null ? null : state, chunks, sequence);
        }
        else
        {
            sequence = message.Entry.Sequence;
            bool hasRow = message.Entry.KindCase is Entry.KindOneofCase.Initial or Entry.KindOneofCase.Pushed;
            loop.Follow(message.Entry, hasRow ? ShareChunks.Join(chunks, chunks.Select(EndOf).LastOrDefault()) : null);
        }

        outgoing.Send(new FromBackup { Taken = new Taken { Sequence = sequence } });
    }

    private static long EndOf(Chunk chunk) => chunk.At + (chunk.Values.Length / sizeof(float));
}
