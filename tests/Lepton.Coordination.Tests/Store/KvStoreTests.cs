using System.Text;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.Tests.Store;

public sealed class KvStoreTests
{
    [Fact]
    public void Put_KeyAgain_CountsVersionsUntilDeleted()
    {
        var store = new KvStore();
        Put(store, "k", "1");
        Put(store, "k", "2");
        Delete(store, "k");
        Put(store, "k", "3");
        Assert.Equal((2, 3, 2L), Stamp(store, 3));
        Assert.Equal((5, 5, 1L), Stamp(store, 5));
        Assert.Empty(store.Range(new RangeQuery(Key("k"), 4)).Versions);
        Assert.Equal(5, store.Revision);
    }

    [Fact]
    public void End_NothingWritten_IsNoRevision()
    {
        var store = new KvStore();
        Delete(store, "nothing");
        Assert.Equal(1, store.Revision);
    }

    [Fact]
    public void Range_BegunBeforeCompaction_StaysWhole()
    {
        var store = Filled(3000, out var revision);
        Assert.Equal(ReadFailure.None, store.TryPin(revision, out var pin));
        for (var i = 0; i < 3000; i += 2)
        {
            Delete(store, $"k{i:d5}");
        }

        Assert.Equal(ReadFailure.None, store.Compact(store.Revision));
        Assert.False(store.Prune(int.MaxValue));
        Assert.Equal(ReadFailure.Compacted, store.Range(new RangeQuery(KeyRange.All, revision)).Failure);
        var whole = store.Range(new RangeQuery(KeyRange.All, revision) { IsPinned = true });
        Assert.Equal(3000, whole.Versions.Count);
        pin!.Dispose();
        var before = store.SizeBytes;
        store.Prune(int.MaxValue);
        Assert.True(store.SizeBytes < before);
        Assert.Equal(1500, store.Range(new RangeQuery(KeyRange.All)).Versions.Count);
    }

    [Fact]
    public void Range_BesideAWriter_SeesOneRevisionOnly()
    {
        // Each revision gives 1,500 keys, which is three slices, the same value; a reader must never see two values.
        var store = new KvStore();
        WriteAll(store, 0);
        using var started = new Barrier(3);
        var failures = 0;
        var stop = false;
        var readers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            started.SignalAndWait();
            while (!Volatile.Read(ref stop))
            {
                var result = store.Range(new RangeQuery(KeyRange.All));
                var values = result.Versions.Select(v => Encoding.UTF8.GetString(v.Value)).Distinct().Count();
                if (values != 1 || result.Versions.Count != 1500 || result.Count != 1500)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        })).ToList();
        readers.ForEach(reader => reader.Start());
        started.SignalAndWait();
        for (var round = 1; round < 40; round++)
        {
            WriteAll(store, round);
            store.Compact(store.Revision);
            store.Prune(int.MaxValue);
        }

        Volatile.Write(ref stop, true);
        readers.ForEach(reader => reader.Join());
        Assert.Equal(0, failures);
    }

    [Fact]
    public void Range_LimitOnManyKeys_CountsAllAndReadsFew()
    {
        var store = Filled(20_000, out _);
        var result = store.Range(new RangeQuery(KeyRange.All) { LimitMax = 2 });
        Assert.Equal((20_000, true), (result.Count, result.More));
        Assert.Equal(["k00000", "k00001"], result.Versions.Select(v => Encoding.UTF8.GetString(v.Key)));
        var some = new KeyRange("k01"u8.ToArray(), KeyRange.EndOfPrefix("k01"u8));
        Assert.Equal(1000, store.Range(new RangeQuery(some) { CountOnly = true }).Count);
    }

    [Fact]
    public void Prune_AllDeleted_FreesEverything()
    {
        var store = Filled(5000, out _);
        store.Begin();
        List<KeyVersion> gone = [];
        store.DeleteRange(KeyRange.All, gone);
        store.End();
        Assert.Equal(5000, gone.Count);
        store.Compact(store.Revision);
        while (store.Prune(100))
        {
        }

        Assert.Equal((0, 0), (store.SizeBytes, store.LiveKeys));
        Put(store, "k00007", "again");
        Assert.Equal(1, store.Range(new RangeQuery(KeyRange.All)).Count);
    }

    [Fact]
    public void EndOfPrefix_Bytes_AreTheNextPrefix()
    {
        Assert.Equal("b"u8.ToArray(), KeyRange.EndOfPrefix("a"u8));
        Assert.Equal([0x62], KeyRange.EndOfPrefix([0x61, 0xff]));
        Assert.Equal([0], KeyRange.EndOfPrefix([0xff, 0xff]));
    }

    internal static void Put(KvStore store, string key, string value, long lease = 0)
    {
        store.Begin();
        store.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), lease);
        store.End();
    }

    internal static void Delete(KvStore store, string key)
    {
        store.Begin();
        store.DeleteRange(Key(key), []);
        store.End();
    }

    internal static KeyRange Key(string key) => new(Encoding.UTF8.GetBytes(key));

    private static KvStore Filled(int keys, out long revision)
    {
        var store = new KvStore();
        for (var i = 0; i < keys; i++)
        {
            Put(store, $"k{i:d5}", "value");
        }

        revision = store.Revision;
        return store;
    }

    private static void WriteAll(KvStore store, int round)
    {
        store.Begin();
        for (var i = 0; i < 1500; i++)
        {
            store.Put(Encoding.UTF8.GetBytes($"k{i}"), Encoding.UTF8.GetBytes($"{round}"), 0);
        }

        store.End();
    }

    private static (int Create, int Mod, long Version) Stamp(KvStore store, long revision)
    {
        var version = Assert.Single(store.Range(new RangeQuery(Key("k"), revision)).Versions);
        return ((int)version.CreateRevision, (int)version.ModRevision, version.Version);
    }
}
