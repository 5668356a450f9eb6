using System.Threading.Channels;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Objects;

/// <summary>
/// Finds, behind the back, which objects have the blocks of which no node has a good copy, by reading all records. Of
/// as many blocks as it can hold in mind. Thread safe.
/// </summary>
/// <param name="newScan">Reads all records.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where objects are named.</param>
internal sealed class LostBlocks(Func<BlockScan> newScan, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    private const int BlocksMax = 100_000;
    private const int NamesMax = 20;

    /// <summary>Damaged blocks rarely come alone, and one reading serves for all.</summary>
    private static readonly TimeSpan s_settleTime = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<BlockId> _blocks = [];
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private LostReport _report = LostReport.None;
    private Task _running = Task.CompletedTask;

    /// <summary>What is known.</summary>
    public LostReport Report => Volatile.Read(ref _report);

    /// <summary>Begins.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Takes blocks of which it was found out just now.</summary>
    public void Add(IReadOnlyList<BlockRef> blocks) => Change(blocks, keepsOthers: true);

    /// <summary>Takes all blocks of which it is known, in the place of those before.</summary>
    public void Replace(IReadOnlyList<BlockRef> blocks) => Change(blocks, keepsOthers: false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Finds the objects once.</summary>
    internal async Task NameAsync(CancellationToken cancellationToken)
    {
        HashSet<BlockId> lost;
        lock (_gate)
        {
            lost = [.. _blocks];
        }

        HashSet<BlockId> referred = [];
        List<string> names = [];
        long objects = 0;
        Bytes? last = null;
        if (lost.Count > 0)
        {
            await newScan().RunAsync(
                (key, block) =>
                {
                    if (lost.Contains(block.Id))
                    {
                        referred.Add(block.Id);
                        if (last != key)
                        {
                            last = key;
                            objects++;
                            names.AddRange(names.Count < NamesMax ? [NameOf(key)] : []);
                        }
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }

        LostReport before = Report;
        Volatile.Write(ref _report, new LostReport(referred.Count, objects, names));
        if (objects > 0 && (objects != before.Objects || !names.SequenceEqual(before.Names)))
        {
            StorageLog.ObjectsLost(logger, referred.Count, objects, string.Join(", ", names));
        }
    }

    /// <summary>Keys may hold any character, and others than the log's reader choose them.</summary>
    private static string NameOf(Bytes key)
    {
        string objects = MetadataKeys.AllObjects.Start.ToString();
        string name = key.ToString().StartsWith(objects, StringComparison.Ordinal)
            ? MetadataKeys.After(objects, key)
            : "part " + MetadataKeys.After(MetadataKeys.AllParts.Start.ToString(), key);
        return string.Concat(name.Select(static c => char.IsControl(c) ? '\uFFFD' : c));
    }

    private void Change(IReadOnlyList<BlockRef> blocks, bool keepsOthers)
    {
        lock (_gate)
        {
            if (blocks.Count == 0 && (keepsOthers || _blocks.Count == 0))
            {
                return;
            }

            if (!keepsOthers)
            {
                _blocks.Clear();
            }

            foreach (BlockRef block in blocks.Take(BlocksMax - _blocks.Count))
            {
                _blocks.Add(block.Id);
            }
        }

        _changes.Writer.TryWrite(true);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _changes.Reader.ReadAsync(_stopping.Token).ConfigureAwait(false);
            await Task.Delay(s_settleTime, timeProvider, _stopping.Token).ConfigureAwait(false);
            try
            {
                await NameAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: the next pass over all blocks brings them again.
                StorageLog.UpkeepFailed(logger, e.Message);
            }
        }
    }
}
