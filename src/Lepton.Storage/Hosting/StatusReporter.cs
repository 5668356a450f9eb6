using System.Text;
using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Puts how this node is into the coordination store, where it has changed: whoever asks after the nodes needs no way
/// to each of them, nor a key.
/// </summary>
internal sealed class StatusReporter(
    ClusterMonitor cluster, Func<PeerStatus> status, IMetadataStore metadata, TimeProvider timeProvider,
    ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    /// <summary>Of what never stands still, such as the time since a block was read.</summary>
    private static readonly TimeSpan s_restlessPeriod = TimeSpan.FromMinutes(1);

    /// <summary>Of the disk: what is free there never stands still.</summary>
    private const double ShareThatMatters = 0.01;

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private (SessionId Session, PeerStatus Status, long At)? _told;

    /// <summary>Begins.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Reads what a node has put.</summary>
    /// <exception cref="InvalidDataException">The entry is nothing of the kind.</exception>
    public static PeerStatus Read(MetadataEntry entry)
    {
        try
        {
            return StatusForm.Read(Protocol.NodeStatus.Parser.ParseJson(Encoding.UTF8.GetString(entry.Value.Span)));
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException)
        {
            throw new InvalidDataException(
                $"The key '{entry.Key}' of the coordination store holds no status of a node: {e.Message} Delete it; " +
                "the node puts it again.",
                e);
        }
    }

    /// <summary>Does it once. Nothing is put by who was taken for dead.</summary>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    internal async Task ReportAsync(CancellationToken cancellationToken)
    {
        PeerStatus now = status();
        if (cluster.Session is not { } session || (_told is { } told && told.Session == session
            && !Matters(told.Status, now)
            && (told.Status == now || timeProvider.GetElapsedTime(told.At) < s_restlessPeriod)))
        {
            return;
        }

        byte[] text = Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(StatusForm.Write(now)));
        MetadataTxn txn = new MetadataTxn().IfHeld(session).Put(MetadataKeys.NodeStatus(session.Node), text);
        if (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null)
        {
            _told = (session, now, timeProvider.GetTimestamp());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static bool Matters(PeerStatus told, PeerStatus now) =>
        now with { DiskBytesFree = told.DiskBytesFree, Scrub = told.Scrub, Cache = told.Cache } != told
        || now.Scrub.Damaged != told.Scrub.Damaged
        || Math.Abs(now.DiskBytesFree - told.DiskBytesFree) > ShareThatMatters * now.DiskBytes;

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(s_period, timeProvider);
        do
        {
            try
            {
                await ReportAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: a node that says nothing more can't be drained.
                StorageLog.StatusUntold(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }
}
