using Lepton.Raft;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.Log;

/// <summary>What has bitten other logs, one by one. Each was shown to fail on a broken copy of the log.</summary>
public sealed class LogTrapTests
{
    private static readonly LogIdentity s_identity = new(0xC1, new NodeId(7));
    private static readonly SegmentedLogOptions s_options = new() { SegmentBytes = 32 << 10, ReserveBytes = 4096 };
    private readonly SimulatedDisk _disk = new(1);

    [Fact]
    public void Trap04_SyncReturned_OutlivesEveryCrash()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            SimulatedDisk disk = new(seed);
            using (SegmentedLog log = Open(disk))
            {
                log.Append(Entries(1, 3), State(1, vote: 7));
                log.Sync();
            }

            disk.CrashMachine();
            using SegmentedLog again = Open(disk);
            Assert.Equal(new LogIndex(3), again.LastIndex);
            Assert.Equal(State(1, vote: 7), again.HardState);
        }
    }

    [Fact]
    public void Trap04_Append_IsNotDurableByItself()
    {
        // The counterpart: were unsynced entries always there, the test above would prove nothing.
        bool lost = false;
        for (ulong seed = 0; seed < 50; seed++)
        {
            SimulatedDisk disk = new(seed);
            using (SegmentedLog log = Open(disk))
            {
                log.Append(Entries(1, 3), State(1));
            }

            disk.CrashMachine();
            using SegmentedLog again = Open(disk);
            lost |= again.LastIndex == LogIndex.Zero;
        }

        Assert.True(lost);
    }

    [Fact]
    public void Trap05_NewSegment_ItsNameIsDurableBeforeItsEntriesAre()
    {
        using SegmentedLog log = Open(_disk);
        _disk.Trace = [];
        log.Append(Entries(1, 3), State(1));
        log.Sync();
        int renamed = _disk.Trace.FindIndex(item => item.StartsWith("rename", StringComparison.Ordinal));
        int synced = _disk.Trace.FindIndex(renamed, item => item == "sync directory");
        int written = _disk.Trace.FindIndex(renamed, item => item.StartsWith("write", StringComparison.Ordinal));
        Assert.True(renamed >= 0 && synced > renamed && written > synced, string.Join('\n', _disk.Trace));
        int headSynced = _disk.Trace.FindIndex(item => item.StartsWith("sync log", StringComparison.Ordinal));
        Assert.True(headSynced < renamed, "The segment got its name before its head was on the disk.");
    }

    [Fact]
    public void Trap05_FinishedSnapshot_OutlivesEveryCrash()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            SimulatedDisk disk = new(seed);
            SnapshotMeta meta = Snapshot(SnapshotStore.Open(disk, s_identity), 10, 1);
            disk.CrashMachine();
            Assert.Equal(meta.Index, SnapshotStore.Open(disk, s_identity).Latest.Index);
        }
    }

    [Fact]
    public void Trap06_TornTail_IsCutAndTheNodeStarts()
    {
        for (int kept = 0; kept < 5; kept++)
        {
            SimulatedDisk disk = new(3);
            using (SegmentedLog log = Open(disk))
            {
                log.Append(Entries(1, 2), State(1));
                log.Sync();
                log.Append(Entries(3, 5, bytes: 450), State(1));
                log.Sync();
            }

            // Only one of the batch's five sectors got there.
            for (int sector = 17; sector < 22; sector++)
            {
                if (sector != 17 + kept)
                {
                    Blank(disk, sector);
                }
            }

            using SegmentedLog again = Open(disk);
            Assert.Null(again.Damage);
            Assert.Equal(new LogIndex(2), again.LastIndex);
            again.Append(Entries(3, 1), State(2));
            again.Sync();
            using SegmentedLog third = Open(disk);
            Assert.Equal(new LogIndex(3), third.LastIndex);
            Assert.Equal(State(2), third.HardState);
        }
    }

    [Fact]
    public void Trap06_RotInTheLastBatch_IsNotTakenForATornTail()
    {
        for (int sector = 17; sector < 22; sector++)
        {
            SimulatedDisk disk = new(3);
            using (SegmentedLog log = Open(disk))
            {
                log.Append(Entries(1, 2), State(1));
                log.Sync();
                log.Append(Entries(3, 5, bytes: 450), State(1, vote: 2));
                log.Sync();
            }

            disk.FlipBit("log-0000000000000001.seg", (sector * 512) + 77, 3);
            using SegmentedLog again = Open(disk);
            Assert.NotNull(again.Damage);
            Assert.Equal(new LogIndex(3), again.Damage.FirstIndex);
            Assert.Equal(sector == 17, again.Damage.HardStateLost);
            Assert.Equal(sector == 17 ? State(1) : State(1, vote: 2), again.HardState);
        }
    }

    [Fact]
    public void Trap06_RotInsideTheLog_IsNotCutOff()
    {
        using (SegmentedLog log = Open(_disk))
        {
            for (int i = 0; i < 10; i++)
            {
                log.Append(Entries(1 + i, 1), State(1));
                log.Sync();
            }
        }

        _disk.FlipBit("log-0000000000000001.seg", (20 * 512) + 300, 1);
        using SegmentedLog again = Open(_disk);
        Assert.Equal(new LogDamage(new LogIndex(5), new LogIndex(10), HardStateLost: false), again.Damage);
        Assert.Equal(new LogIndex(4), again.LastIndex);

        // Written again, and known to be whole for good.
        again.Append(Entries(5, 5), State(2));
        again.Sync();
        Assert.NotNull(again.Damage);
        again.Append(Entries(10, 1), State(2));
        again.Sync();
        Assert.Null(again.Damage);
        using SegmentedLog third = Open(_disk);
        Assert.Null(third.Damage);
        Assert.Equal(new LogIndex(10), third.LastIndex);
    }

    [Fact]
    public void Trap07_StateOfASnapshot_HasItsIndexInTheSameFile()
    {
        // At each moment of the writing: the old index with the old state, or the new one with the new.
        for (ulong seed = 0; seed < 300; seed++)
        {
            SimulatedDisk disk = new(seed);
            SnapshotStore store = SnapshotStore.Open(disk, s_identity);
            Snapshot(store, 10, 1);
            SnapshotOutputStream writer = store.Create(new LogIndex(20), new Term(1), ClusterMembership.Empty);
            writer.Write(Data(20, 3000));
            if (seed % 3 != 0)
            {
                writer.Complete();
            }

            disk.CrashMachine();
            SnapshotStore again = SnapshotStore.Open(disk, s_identity);
            using SnapshotReader reader = again.TryOpen(again.Latest)!;
            using Stream data = reader.OpenData();
            byte[] there = new byte[3000];
            data.ReadExactly(there);
            Assert.Equal(Data((int)again.Latest.Index.Value, 3000), there);
            Assert.Equal(seed % 3 == 0 ? 10 : 20, again.Latest.Index.Value);
        }
    }

    [Fact]
    public void Trap08_EntryReplacedBeforeItsSync_TheOldOneNeverComesBack()
    {
        // Term 1's entry, term 2's in its place, then term 1's data again under term 3: after the sync only the last
        // counts.
        for (ulong seed = 0; seed < 300; seed++)
        {
            SimulatedDisk disk = new(seed);
            using (SegmentedLog log = Open(disk))
            {
                log.Append(Entries(1, 4), State(1));
                log.Sync();
                log.Append(Entries(4, 3, term: 2), State(2));
                log.Append(Entries(4, 1, term: 3), State(3));
                log.Sync();
                log.Append(Entries(4, 2, term: 4), State(4));
            }

            disk.CrashMachine();
            using SegmentedLog again = Open(disk);
            Assert.Contains(again.TermOf(new LogIndex(4))!.Value.Value, new[] { 3L, 4L });
            Assert.Equal(again.TermOf(new LogIndex(4))!.Value.Value == 3 ? 4 : 5, again.LastIndex.Value);
            Assert.Equal(again.TermOf(new LogIndex(4)), again.HardState.Term);
        }
    }

    [Fact]
    public void Trap08_SameBatchOverATornOne_WhatFollowedTheTornOneNeverComesBack()
    {
        using (SegmentedLog log = Open(_disk))
        {
            log.Append(Entries(1, 1), State(1));
            log.Sync();
            log.Append(Entries(2, 1, bytes: 300), State(1));
            log.Append(Entries(3, 1, bytes: 300), State(1, vote: 3));
            log.Append(Entries(4, 1, bytes: 300), State(1, vote: 4));
            log.Sync();
        }

        // Of three batches that state in their heads that none of them was flushed, the first is lost.
        Blank(_disk, 17);
        using (SegmentedLog log = Open(_disk))
        {
            Assert.Null(log.Damage);
            Assert.Equal(new LogIndex(1), log.LastIndex);

            // The very same batch in the same place: the other two would fit behind it.
            log.Append(Entries(2, 1, bytes: 300), State(1));
            log.Sync();
        }

        using SegmentedLog again = Open(_disk);
        Assert.Equal(new LogIndex(2), again.LastIndex);
        Assert.Equal(State(1), again.HardState);
        Assert.Null(again.Damage);
    }

    [Fact]
    public void Trap20_FullDisk_RefusesCommandsAndKeepsVotes()
    {
        SegmentedLog log = Open(_disk);
        log.Append(Entries(1, 1), State(1));
        log.Sync();
        _disk.QuotaBytes = _disk.UsedBytes;
        long index = 2;
        DiskFullException? full = null;
        while (full is null)
        {
            try
            {
                log.Append(Entries(index, 1), State(1, commit: index));
                index++;
            }
            catch (DiskFullException fault)
            {
                full = fault;
            }
        }

        // Nothing has changed, reads go on, and so do elections: votes, and the empty entry of a new leader.
        Assert.Equal(new LogIndex(index - 1), log.LastIndex);
        Assert.Equal(index - 1, log.HardState.Commit.Value);
        Assert.Equal(index - 1, log.Read(new LogIndex(1), new LogIndex(index), long.MaxValue).Count);
        log.Append([], State(2, vote: 3, commit: index - 1));
        LogEntry first = new(new Term(3), new LogIndex(index), EntryKind.NoOp, default);
        log.Append([first], State(3, vote: 7, commit: index - 1));
        log.Sync();
        Assert.Throws<DiskFullException>(() => log.Append(Entries(index + 1, 1, term: 3), null));

        // A restart on the full disk is the same.
        _disk.CrashMachine();
        log = Open(_disk);
        Assert.Equal(new LogIndex(index), log.LastIndex);
        Assert.Equal(State(3, vote: 7, commit: index - 1), log.HardState);
        Assert.Throws<DiskFullException>(() => log.Append(Entries(index + 1, 1, term: 3), null));
        log.Append([], State(4, vote: 1, commit: index - 1));
        log.Sync();

        // Space is back.
        _disk.QuotaBytes = long.MaxValue;
        log.Append(Entries(index + 1, 1, term: 4), null);
        log.Sync();
        _disk.CrashMachine();
        using SegmentedLog again = Open(_disk);
        Assert.Equal(new LogIndex(index + 1), again.LastIndex);
        Assert.Equal(new Term(4), again.HardState.Term);
    }

    [Fact]
    public void FailedSync_NothingIsAskedOfTheDiskAgain()
    {
        SegmentedLog log = Open(_disk);
        log.Append(Entries(1, 1), State(1));
        log.Sync();
        log.Append(Entries(2, 1), State(1));
        _disk.Faults = new() { FailSync = 1 };
        Assert.Throws<DiskFailedException>(log.Sync);
        _disk.Faults = new();
        int before = _disk.Writes + _disk.Syncs;
        Assert.Throws<DiskFailedException>(log.Sync);
        Assert.Throws<DiskFailedException>(() => log.Append(Entries(3, 1), State(1)));
        Assert.Equal(before, _disk.Writes + _disk.Syncs);
    }

    [Fact]
    public void FailedSync_WhatASecondProcessReads_IsWrittenAgain()
    {
        // The system takes what it could not write for written: a second flush alone would not bring it to the disk.
        for (ulong seed = 0; seed < 100; seed++)
        {
            SimulatedDisk disk = new(seed);
            SegmentedLog log = Open(disk);
            log.Append(Entries(1, 1), State(1));
            log.Sync();
            log.Append(Entries(2, 3), State(2, vote: 7));
            disk.Faults = new() { FailSync = 1 };
            Assert.Throws<DiskFailedException>(log.Sync);
            disk.Faults = new();
            disk.CrashProcess();
            LogIndex seen;
            using (SegmentedLog again = Open(disk))
            {
                seen = again.LastIndex;
            }

            disk.CrashMachine();
            using SegmentedLog third = Open(disk);
            Assert.Equal(seen, third.LastIndex);
        }
    }

    private static SegmentedLog Open(SimulatedDisk disk) =>
        SegmentedLog.Open(disk, s_identity, SnapshotStore.Open(disk, s_identity).Latest, s_options);

    private static SnapshotMeta Snapshot(SnapshotStore store, int index, long term)
    {
        using SnapshotOutputStream writer = store.Create(new LogIndex(index), new Term(term), ClusterMembership.Empty);
        writer.Write(Data(index, 3000));
        return writer.Complete();
    }

    private static byte[] Data(int seed, int bytes)
    {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++)
        {
            data[i] = (byte)((seed * 31) + (i * 7));
        }

        return data;
    }

    private static LogEntry[] Entries(long from, int count, long term = 1, int bytes = 100)
    {
        LogEntry[] entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            byte[] data = Data((int)(from + i), bytes);
            entries[i] = new LogEntry(new Term(term), new LogIndex(from + i), EntryKind.Command, data);
        }

        return entries;
    }

    private static HardState State(long term, ulong vote = 0, long commit = 0) =>
        new(new Term(term), new NodeId(vote), new LogIndex(commit));

    /// <summary>Makes a sector what it was before it was first written.</summary>
    private static void Blank(SimulatedDisk disk, int sector)
    {
        using IDiskFile file = disk.Open("log-0000000000000001.seg");
        file.Write(sector * 512L, new byte[512]);
        file.Sync();
    }
}
