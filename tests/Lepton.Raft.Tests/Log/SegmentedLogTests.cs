using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Tests.Log;

public sealed class SegmentedLogTests : IDisposable
{
    private readonly LogFixture _fixture = new();

    [Fact]
    public void Open_EmptyDirectory_HoldsNothing()
    {
        using SegmentedLog log = _fixture.Open();
        Assert.Equal(new LogIndex(1), log.FirstIndex);
        Assert.Equal(LogIndex.Zero, log.LastIndex);
        Assert.Equal(Term.Zero, log.TermOf(LogIndex.Zero));
        Assert.Null(log.TermOf(new LogIndex(1)));
        Assert.Equal(default, log.HardState);
        Assert.Null(log.Damage);
        Assert.Empty(_fixture.Disk.List());
    }

    [Fact]
    public void Append_EntriesAndHardState_ReadAtOnceAndAfterRestart()
    {
        LogEntry[] first = LogFixture.Entries(1, 10);
        LogEntry[] second = LogFixture.Entries(11, 300, term: 2, bytes: 700);
        using (SegmentedLog log = _fixture.Open())
        {
            log.Append(first, LogFixture.State(1, vote: 7));
            log.Append(second, LogFixture.State(2, commit: 9));
            LogFixture.AssertHolds(log, first, second);
            log.Sync();
            Assert.True(log.SegmentCount > 1);
        }

        using SegmentedLog again = _fixture.Open();
        LogFixture.AssertHolds(again, first, second);
        Assert.Equal(LogFixture.State(2, commit: 9), again.HardState);
        Assert.Null(again.Damage);
    }

    [Fact]
    public void Append_BehindReplacedEntries_ReadsTheNewOnes()
    {
        LogEntry[] old = LogFixture.Entries(1, 10);
        LogEntry[] replaced = LogFixture.Entries(6, 3, term: 2);
        using (SegmentedLog log = _fixture.Open())
        {
            log.Append(old, LogFixture.State(1));
            log.Append(replaced, LogFixture.State(2));
            LogFixture.AssertHolds(log, old[..5], replaced);
            log.Sync();
        }

        using SegmentedLog again = _fixture.Open();
        LogFixture.AssertHolds(again, old[..5], replaced);
    }

    [Fact]
    public void Append_LargerThanASegment_GetsOneOfItsOwn()
    {
        LogEntry[] entries = LogFixture.Entries(1, 3, bytes: 200_000);
        using (SegmentedLog log = _fixture.Open())
        {
            log.Append(entries, LogFixture.State(1));
            log.Sync();
        }

        using SegmentedLog again = _fixture.Open();
        LogFixture.AssertHolds(again, entries);
    }

    [Theory]
    [InlineData(0, 5, 1)]
    [InlineData(3, 3, 0)]
    [InlineData(9, 12, 0)]
    [InlineData(11, 12, 0)]
    public void Read_WhatIsNotThere_Refused(long from, long to, int unused)
    {
        _ = unused;
        using SegmentedLog log = _fixture.Open();
        log.Append(LogFixture.Entries(1, 10), null);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Read(new LogIndex(from), new LogIndex(to), 100));
    }

    [Fact]
    public void Read_WithinBytes_AtLeastOneThenWhatFits()
    {
        using SegmentedLog log = _fixture.Open();
        log.Append(LogFixture.Entries(1, 10), null);
        Assert.Single(log.Read(new LogIndex(3), new LogIndex(11), 1));
        Assert.Equal(2, log.Read(new LogIndex(3), new LogIndex(11), 299).Count);
        Assert.Equal(8, log.Read(new LogIndex(3), new LogIndex(11), long.MaxValue).Count);
    }

    [Fact]
    public void Read_SmallBatches_ComesFromTheDisk()
    {
        LogEntry[] entries = LogFixture.Entries(1, 100);
        using SegmentedLog log = _fixture.Open();
        foreach (LogEntry[] batch in entries.Chunk(7))
        {
            log.Append(batch, null);
        }

        LogFixture.AssertHolds(log, entries);
    }

    [Fact]
    public void TakeSnapshot_OldSegments_AreDroppedAndUsedAgain()
    {
        using SegmentedLog log = _fixture.Open();
        SnapshotStore store = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
        LogEntry[] entries = LogFixture.Entries(1, 400, bytes: 500);
        foreach (LogEntry[] batch in entries.Chunk(10))
        {
            log.Append(batch, LogFixture.State(1, commit: batch[0].Index.Value));
        }

        log.Sync();
        int before = log.SegmentCount;
        SnapshotMeta meta = Snapshot(store, 300, 1);
        log.TakeSnapshot(meta, new LogIndex(250));
        Assert.True(log.SegmentCount < before);
        Assert.InRange(log.FirstIndex.Value, 200, 251);
        Assert.Contains("log-spare.tmp", _fixture.Disk.List());
        LogFixture.AssertHolds(log, entries[250..]);
        Assert.Equal(new Term(1), log.TermOf(log.FirstIndex.Previous));
        Assert.Null(log.TermOf(log.FirstIndex.Previous.Previous));

        LogEntry[] more = LogFixture.Entries(401, 60, bytes: 500);
        foreach (LogEntry[] batch in more.Chunk(10))
        {
            log.Append(batch, null);
        }

        log.Sync();
        Assert.DoesNotContain("log-spare.tmp", _fixture.Disk.List());
        log.Dispose();
        using SegmentedLog again = _fixture.Open();
        LogFixture.AssertHolds(again, entries[250..], more);
        Assert.Equal(meta.Index, again.Snapshot.Index);
    }

    [Fact]
    public void TakeSnapshot_BeyondTheLog_LeavesNoEntries()
    {
        using (SegmentedLog log = _fixture.Open())
        {
            SnapshotStore store = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
            log.Append(LogFixture.Entries(1, 200, bytes: 500), LogFixture.State(1));
            log.TakeSnapshot(Snapshot(store, 1000, 3), new LogIndex(990));
            Assert.Equal(new LogIndex(1000), log.LastIndex);
            Assert.Equal(new LogIndex(1001), log.FirstIndex);
            Assert.Equal(new Term(3), log.TermOf(new LogIndex(1000)));
            Assert.Equal(1, log.SegmentCount);
        }

        LogEntry[] entries = LogFixture.Entries(1001, 5, term: 3);
        using (SegmentedLog again = _fixture.Open())
        {
            Assert.Equal(new LogIndex(1000), again.LastIndex);
            again.Append(entries, LogFixture.State(3));
            again.Sync();
        }

        using SegmentedLog third = _fixture.Open();
        LogFixture.AssertHolds(third, entries);
        Assert.Null(third.Damage);
    }

    [Fact]
    public void Trap16_LogThatBeginsBehindTheSnapshot_IsReportedAsDamage()
    {
        using (SegmentedLog log = _fixture.Open())
        {
            SnapshotStore store = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
            foreach (LogEntry[] batch in LogFixture.Entries(1, 400, bytes: 500).Chunk(10))
            {
                log.Append(batch, LogFixture.State(1, commit: batch[0].Index.Value));
            }

            log.TakeSnapshot(Snapshot(store, 100, 1), LogIndex.Zero);
            log.TakeSnapshot(Snapshot(store, 300, 1), new LogIndex(300));
            Assert.True(log.FirstIndex > new LogIndex(200));
        }

        // The newest snapshot rots: the one before does not reach the log any more.
        string newest = _fixture.Disk.List().Last(name => name.EndsWith(".snap", StringComparison.Ordinal));
        using (FileStream file = File.OpenWrite(_fixture.PathOf(newest)))
        {
            file.Position = 4096 + 20;
            file.WriteByte(0x55);
        }

        SnapshotStore after = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
        Assert.Equal(new LogIndex(100), after.Latest.Index);
        Assert.Equal(newest, Assert.Single(after.Damaged).Name);
        using SegmentedLog again = _fixture.Open();
        Assert.Equal(new LogDamage(new LogIndex(101), new LogIndex(400), HardStateLost: false), again.Damage);
        Assert.Equal(new LogIndex(100), again.LastIndex);
    }

    [Fact]
    public void Trap16_TwoSnapshotsInQuickSuccession_BothTaken()
    {
        using SegmentedLog log = _fixture.Open();
        SnapshotStore store = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
        LogEntry[] entries = LogFixture.Entries(1, 50);
        log.Append(entries, LogFixture.State(1, commit: 50));
        SnapshotMeta first = Snapshot(store, 40, 1);
        SnapshotMeta second = Snapshot(store, 41, 1);
        log.TakeSnapshot(second, new LogIndex(41));
        log.TakeSnapshot(first, new LogIndex(40));
        Assert.Equal(second, log.Snapshot);
        log.TakeSnapshot(second, new LogIndex(41));
        Assert.Equal(second, log.Snapshot);
        Assert.True(log.FirstIndex <= new LogIndex(42));
        LogFixture.AssertHolds(log, entries[41..]);
    }

    [Fact]
    public void Open_LogOfAnotherCluster_Refused()
    {
        Write();
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(
            () => _fixture.Open(identity: new LogIdentity(0xC2, new NodeId(7))));
        Assert.Contains("belongs to cluster c1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("started for cluster c2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LogOfAnotherNode_Refused()
    {
        Write();
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(
            () => _fixture.Open(identity: new LogIdentity(0xC1, new NodeId(8))));
        Assert.Contains("belongs to node 7, and this is node 8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LogOfANewerFormat_Refused()
    {
        Write();
        string path = _fixture.PathOf(SegmentHeader.NameOf(1));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[8] = 9;
        uint sum = Lepton.Core.Hashing.Crc32C.Compute(
            bytes.AsSpan(16, 512 - 16), Lepton.Core.Hashing.Crc32C.Compute(bytes.AsSpan(0, 12)));
        BitConverter.TryWriteBytes(bytes.AsSpan(12), sum);
        File.WriteAllBytes(path, bytes);
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(() => _fixture.Open());
        Assert.Contains("was written in format 9", fault.Message, StringComparison.Ordinal);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NodeThatBeginsWithASnapshot_HasItsHardState()
    {
        SnapshotStore store = SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);
        SnapshotMeta meta = Snapshot(store, 500, 4);
        SegmentedLog.Create(_fixture.Disk, LogFixture.Identity, meta, LogFixture.State(4), LogFixture.Small).Dispose();
        using SegmentedLog log = _fixture.Open();
        Assert.Equal(LogFixture.State(4, commit: 500), log.HardState);
        Assert.Equal(new LogIndex(500), log.LastIndex);
        Assert.Throws<DataDirectoryException>(
            () => SegmentedLog.Create(_fixture.Disk, LogFixture.Identity, meta, default, LogFixture.Small));
    }

    [Fact]
    public void Options_AllWrong_AllNamed()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(
            () => _fixture.Open(new SegmentedLogOptions { SegmentBytes = 5, ReserveBytes = 1 }));
        Assert.Contains("SegmentBytes is 5", fault.Message, StringComparison.Ordinal);
        Assert.Contains("ReserveBytes is 1", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    internal static SnapshotMeta Snapshot(SnapshotStore store, long index, long term)
    {
        using SnapshotOutputStream writer = store.Create(new LogIndex(index), new Term(term), ClusterMembership.Empty);
        writer.Write(new byte[5000]);
        return writer.Complete();
    }

    private void Write()
    {
        using SegmentedLog log = _fixture.Open();
        log.Append(LogFixture.Entries(1, 10), LogFixture.State(1));
        log.Sync();
    }
}
