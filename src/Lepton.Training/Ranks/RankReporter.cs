using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>
/// Tells the launcher, from a thread of its own, what this rank is at, so that one that is dead, hangs or does
/// something else than the others can be named. Where the launcher is gone, this rank ends.
/// </summary>
internal sealed class RankReporter : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private readonly Store _store;
    private readonly StatePage? _page;
    private readonly string _key;
    private readonly int _rank;
    private Noted _last = new(new CollectiveInfo(0, "starting", 0, ""), 0);

    private RankReporter(Store store, int restart, int rank, string? pagePath)
    {
        _store = store;
        _page = pagePath is null ? null : new StatePage(pagePath);
        _key = RankState.Key(restart, rank);
        _rank = rank;
        _thread = new Thread(Report) { IsBackground = true, Name = "reports" };
    }

    public static RankReporter Start(Store store, int restart, int rank, string? pagePath)
    {
        var reporter = new RankReporter(store, restart, rank, pagePath);
        reporter._thread.Start();
        return reporter;
    }

    /// <summary>Notes what this rank begins; costs next to nothing. On one thread.</summary>
    public void Note(CollectiveInfo info)
    {
        var noted = new Noted(info, _last.Entered + 1);
        Volatile.Write(ref _last, noted);
        _page?.Write(StateOf(noted, 0));
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _store.Dispose();
        _page?.Dispose();
        _stop.Dispose();
    }

    private void Report()
    {
        for (long beat = 1; ; beat++)
        {
            try
            {
                Tell(beat);
            }
            catch (TorchException e) when (!_stop.IsSet)
            {
                // A rank without its launcher would run on with nobody to end it.
                Console.Error.WriteLine($"rank {_rank}: the launcher is gone, so this rank ends: {e.Message}");
                ErrorFile.EndNow(1);
            }

            if (_stop.Wait(s_interval))
            {
                return;
            }
        }
    }

    private void Tell(long beat)
    {
        Noted last = Volatile.Read(ref _last);
        _store.Set(_key, StateOf(last, beat).Encode());
    }

    private RankState StateOf(Noted noted, long beat) => new(
        _rank, beat, noted.Entered, noted.Info.Sequence, noted.Info.Operation, noted.Info.Tensors,
        Environment.MachineName);

    // One object, so that the count and what it counts are always told together.
    private sealed record Noted(CollectiveInfo Info, long Entered);
}
