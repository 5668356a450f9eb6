using System.Threading.Channels;
using Lepton.Storage.Blocks;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Replication;

/// <summary>Repairs, behind the back, blocks that somebody has seen to lack copies. Bounded. Thread safe.</summary>
/// <param name="logger">Where it is told what was made.</param>
/// <param name="threads">Those that repair; null for the pool's.</param>
internal sealed class RepairQueue(ILogger logger, WorkThreads? threads = null) : IRepairQueue, IAsyncDisposable
{
    private const int WaitingMax = 10_000;
    private const int BatchMax = 256;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<BlockRef> _waiting = Channel.CreateBounded<BlockRef>(
        new BoundedChannelOptions(WaitingMax)
        {
            FullMode = BoundedChannelFullMode.DropWrite,
            SingleReader = true,
            AllowSynchronousContinuations = true,
        });
    private readonly WorkThreads _threads = threads ?? WorkThreads.Pool;
    private readonly Lock _gate = new();
    private readonly List<(long Added, TaskCompletionSource Done)> _waiters = [];
    private long _added;
    private long _taken;
    private Task _running = Task.CompletedTask;

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Reader.Count;

    public void Add(BlockRef block)
    {
        lock (_gate)
        {
            if (_waiting.Reader.Count < WaitingMax && _waiting.Writer.TryWrite(block))
            {
                _added++;
            }
        }
    }

    /// <summary>Returns when all that were added before were looked at.</summary>
    public Task DoneAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_taken >= _added)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((_added, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Begins.</summary>
    /// <param name="repair">Repairs some.</param>
    public void Start(Func<IReadOnlyList<BlockRef>, CancellationToken, Task<RepairOutcome>> repair) =>
        _running = RunAsync(repair);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(Func<IReadOnlyList<BlockRef>, CancellationToken, Task<RepairOutcome>> repair)
    {
        while (await _waiting.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            // Whoever has added one goes on at once.
            await _threads.YieldAsync().ConfigureAwait(false);
            List<BlockRef> batch = [];
            while (batch.Count < BatchMax && _waiting.Reader.TryRead(out BlockRef block))
            {
                batch.Add(block);
            }

            try
            {
                RepairOutcome outcome = await repair([.. batch.Distinct()], _stopping.Token).ConfigureAwait(false);
                if (outcome.Missing > 0)
                {
                    StorageLog.Repaired(logger, outcome.Made, outcome.Missing, string.Join("; ", outcome.Faults));
                }
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was, such as a broken disk here: the next pass over all blocks comes to these again.
                StorageLog.UpkeepFailed(logger, e.Message);
            }

            Tell(batch.Count);
        }
    }

    private void Tell(int taken)
    {
        lock (_gate)
        {
            _taken += taken;
            _waiters.RemoveAll(waiter => _taken >= waiter.Added && waiter.Done.TrySetResult());
        }
    }
}
