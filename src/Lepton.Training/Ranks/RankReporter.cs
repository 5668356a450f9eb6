using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>
/// Tells the launcher, from a thread of its own, what this rank is at, so that one that is dead, hangs or does something
/// else than the others can be named. Where the launcher is gone, this rank ends.
/// </summary>
internal sealed class RankReporter : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly Store _store;
    private CollectiveInfo? _last;
    private long _entered;

    private RankReporter(Store store, int restart, int rank)
    {
        _store = store;
        _thread = new Thread(() => Report(RankState.Key(restart, rank), rank)) { IsBackground = true, Name = "reports" };
    }

    public static RankReporter Start(Store store, int restart, int rank)
    {
        var reporter = new RankReporter(store, restart, rank);
        reporter._thread.Start();
        return reporter;
    }

    /// <summary>Notes what this rank begins; costs next to nothing.</summary>
    public void Note(CollectiveInfo info)
    {
        Volatile.Write(ref _last, info);
        Interlocked.Increment(ref _entered);
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _store.Dispose();
        _stop.Dispose();
    }

    private void Report(string key, int rank)
    {
        for (long beat = 1; ; beat++)
        {
            CollectiveInfo? last = Volatile.Read(ref _last);
            try
            {
                _store.Set(key, new RankState(
                    rank, beat, Interlocked.Read(ref _entered), last?.Sequence ?? 0, last?.Operation ?? "starting",
                    last?.Tensors ?? "", Environment.MachineName).Encode());
            }
            catch (TorchException e) when (!_stop.IsSet)
            {
                // A rank without its launcher would run on with nobody to end it.
                Console.Error.WriteLine($"rank {rank}: the launcher is gone, so this rank ends: {e.Message}");
                ErrorFile.EndNow(1);
            }

            if (_stop.Wait(s_interval))
            {
                return;
            }
        }
    }
}
