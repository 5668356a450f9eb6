using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.Store;
using Lepton.Coordination.Watch;

namespace Lepton.Coordination.Tests.Watch;

public sealed class WatchHubTests
{
    private readonly KvStore _store = new();
    private readonly WatchHub _hub;

    public WatchHubTests() => _hub = new WatchHub(_store, bufferChangesMax: 3);

    [Fact]
    public void Read_FromNowOn_SeesWhatComes()
    {
        Put("k", "1");
        var reader = Watch("k");
        Assert.Equal(WatchOutcome.Waiting, reader.ReadAll());
        Put("k", "2");
        KvStoreTests.Delete(_store, "k");
        Put("l", "3");
        _hub.Publish();
        Assert.Equal(1, reader.Woken);
        reader.ReadAll();
        Assert.Equal("3:k=2 4:k-", reader.Text);
        Assert.Equal("1", NaiveStore.Text(reader.Seen[0].Previous!.Value));
    }

    [Fact]
    public void Read_FromTheBeginning_CatchesUpAndGoesOn()
    {
        Put("k", "1");
        Put("k", "2");
        _hub.Publish();
        var reader = Watch("k", start: 2);
        reader.ReadAll();
        Put("k", "3");
        _hub.Publish();
        reader.ReadAll();
        Assert.Equal("2:k=1 3:k=2 4:k=3", reader.Text);
    }

    [Fact]
    public void Read_Filters_LeaveOut()
    {
        var puts = new Reader(_hub, new WatchOptions(KeyRange.All) { NoDelete = true });
        var deletes = new Reader(_hub, new WatchOptions(KeyRange.All) { NoPut = true });
        Put("k", "1");
        KvStoreTests.Delete(_store, "k");
        _hub.Publish();
        puts.ReadAll();
        deletes.ReadAll();
        Assert.Equal(("2:k=1", "3:k-"), (puts.Text, deletes.Text));
    }

    [Fact]
    public void Publish_SameKeys_SharesTheChanges()
    {
        var readers = Enumerable.Range(0, 3).Select(_ => Watch("k")).ToList();
        Put("k", "1");
        _hub.Publish();
        readers.ForEach(reader => reader.Read());
        Assert.Same(readers[0].Last.Changes, readers[1].Last.Changes);
        Assert.Same(readers[0].Last.Changes, readers[2].Last.Changes);
    }

    [Fact]
    public void Publish_Waiting_WakesOnceUntilReadAgain()
    {
        var reader = Watch("k");
        Put("k", "1");
        _hub.Publish();
        Assert.Equal(0, reader.Woken);
        reader.ReadAll();
        Put("k", "2");
        _hub.Publish();
        Put("k", "3");
        _hub.Publish();
        Assert.Equal(1, reader.Woken);
        reader.ReadAll();
        Assert.Equal("2:k=1 3:k=2 4:k=3", reader.Text);
    }

    [Fact]
    public void Cancel_SeesNothingMore()
    {
        var reader = Watch("k");
        Put("k", "1");
        _hub.Publish();
        _hub.Cancel(reader.Watcher);
        Assert.Equal(WatchOutcome.Cancelled, reader.Read());
        Put("k", "2");
        _hub.Publish();
        Assert.Equal(WatchOutcome.Cancelled, reader.Read());
    }

    [Fact]
    public void Publish_OneHugeRevision_FallsBackToHistory()
    {
        var reader = Watch("", end: "\0");
        reader.ReadAll();
        _store.Begin();
        for (var i = 0; i < 3000; i++)
        {
            _store.Put(NaiveStore.Bytes($"{i}"), default, 0);
        }

        _store.End();
        _hub.Publish();
        Assert.Equal(1, reader.Woken);
        Assert.Equal(WatchOutcome.Changes, reader.Read());
        Assert.Equal(3000, reader.Seen.Count);
        Assert.Equal(WatchOutcome.Waiting, reader.ReadAll());
    }

    [Fact]
    public void Read_LongHistoryOfOthers_ComesInBoundedSteps()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Put("other", "");
        }

        Put("k1", "1");
        _hub.Publish();
        var reader = Watch("k", end: "l", start: 1);
        var steps = 0;
        while (reader.Read() != WatchOutcome.Waiting)
        {
            steps++;
        }

        Assert.InRange(steps, 3, 10);
        Assert.Equal("10002:k1=1", reader.Text);
    }

    [Fact]
    public void Trap29_Replace_GoesNeitherBackNorPast()
    {
        // The leader is ahead; its snapshot comes while one watcher has seen everything and another is behind.
        var ahead = new KvStore();
        foreach (var store in new[] { _store, ahead })
        {
            KvStoreTests.Put(store, "k", "1");
            KvStoreTests.Put(store, "k", "2");
        }

        var current = Watch("k");
        var behind = Watch("k", start: 2);
        var lost = Watch("k", end: "l", start: 1);
        Put("k", "3");
        KvStoreTests.Put(ahead, "k", "3");
        _hub.Publish();
        current.ReadAll();
        KvStoreTests.Put(ahead, "k", "4");
        KvStoreTests.Put(ahead, "k", "5");
        ahead.Compact(2);
        ahead.Prune(int.MaxValue);
        _hub.Replace(ahead);
        Assert.Equal(1, current.Woken);
        current.ReadAll();
        behind.ReadAll();
        Assert.Equal(WatchOutcome.Compacted, lost.ReadAll());
        Assert.Equal(2, lost.Last.CompactedRevision);
        Assert.Equal("4:k=3 5:k=4 6:k=5", current.Text);
        Assert.Equal("2:k=1 3:k=2 4:k=3 5:k=4 6:k=5", behind.Text);
        KvStoreTests.Put(ahead, "k", "6");
        _hub.Publish();
        current.ReadAll();
        Assert.EndsWith(" 7:k=6", current.Text);
    }

    [Fact]
    public void Trap30_SlowWatcher_LosesNothingAndHoldsLittle()
    {
        var reader = Watch("k");
        reader.ReadAll();
        for (var i = 0; i < 100; i++)
        {
            Put("k", $"{i}");
            _hub.Publish();
        }

        Assert.Equal(1, reader.Woken);
        reader.Read();
        reader.Read();
        reader.Read();
        Assert.Equal(3, reader.Seen.Count);
        reader.ReadAll();
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => $"{i}"),
            reader.Seen.Select(change => NaiveStore.Text(change.Version.Value)));
    }

    [Fact]
    public void Trap30_CompactionAtADelete_KeepsItForWatchers()
    {
        Put("k", "1");
        KvStoreTests.Delete(_store, "k");
        Put("l", "1");
        _hub.Publish();
        _store.Compact(3);
        _store.Prune(int.MaxValue);
        var one = Watch("k", start: 3);
        var range = Watch("k", end: "m", start: 3);
        one.ReadAll();
        range.ReadAll();
        Assert.Equal(("3:k-", "3:k- 4:l=1"), (one.Text, range.Text));
        Assert.Null(one.Seen[0].Previous);
        Assert.Equal(WatchOutcome.Compacted, Watch("k", start: 2).ReadAll());
    }

    [Fact]
    public void Trap31_Progress_IsNeverAheadOfWhatWasTold()
    {
        var fast = Watch("k");
        var slow = Watch("k", start: 1);
        Put("k", "1");
        Assert.Null(_hub.ProgressOf([slow.Watcher]));
        _hub.Publish();
        Assert.Null(_hub.ProgressOf([fast.Watcher]));
        fast.ReadAll();
        Assert.Equal(2, _hub.ProgressOf([fast.Watcher]));
        Assert.Null(_hub.ProgressOf([fast.Watcher, slow.Watcher]));
        Put("k", "2");
        Assert.Equal(2, _hub.ProgressOf([fast.Watcher]));
        _hub.Publish();
        Assert.Null(_hub.ProgressOf([fast.Watcher]));
        fast.ReadAll();
        slow.ReadAll();
        Assert.Equal(3, _hub.ProgressOf([fast.Watcher, slow.Watcher]));
    }

    [Fact]
    public void Trap31_WatchOfAFutureRevision_SeesNothingBeforeIt()
    {
        var reader = Watch("k", start: 4);
        var range = Watch("k", end: "l", start: 4);
        Put("k", "1");
        _hub.Publish();
        reader.ReadAll();
        Assert.Null(_hub.ProgressOf([reader.Watcher]));
        Put("k", "2");
        Put("k", "3");
        _hub.Publish();
        reader.ReadAll();
        range.ReadAll();
        Assert.Equal(("4:k=3", "4:k=3"), (reader.Text, range.Text));
        Assert.Equal(4, _hub.ProgressOf([reader.Watcher]));
    }

    [Fact]
    public void Add_BetweenApplyAndPublish_SeesNothingTwiceOrOld()
    {
        Put("k", "1");
        var now = Watch("k");
        var first = Watch("k", start: 2);
        _hub.Publish();
        Put("k", "2");
        _hub.Publish();
        now.ReadAll();
        first.ReadAll();
        Assert.Equal(("3:k=2", "2:k=1 3:k=2"), (now.Text, first.Text));
    }

    private Reader Watch(string key, string end = "", long start = 0) =>
        new(_hub, new WatchOptions(new KeyRange(NaiveStore.Bytes(key), NaiveStore.Bytes(end)), start));

    private void Put(string key, string value) => KvStoreTests.Put(_store, key, value);
}
