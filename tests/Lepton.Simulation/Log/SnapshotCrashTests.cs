using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.Log;

public sealed class SnapshotCrashTests
{
    private const int Seeds = 500;
    private static readonly LogIdentity s_identity = new(0xC1, new NodeId(7));

    [Fact]
    public void Receive_CrashesOnTheWay_GoesOnAndArrivesWhole()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SeededRandom random = new(seed);
            byte[] data = Data(random, random.NextInt32(300_000));
            SnapshotStore sender = SnapshotStore.Open(new SimulatedDisk(seed), s_identity);
            SnapshotMeta meta = Write(sender, 10, data);
            using SnapshotReader reader = sender.TryOpen(meta)!;
            SimulatedDisk disk = new(seed + 1);
            SnapshotStore store = SnapshotStore.Open(disk, s_identity);
            SnapshotReceiver receiver = store.Receive(meta);
            int crashes = random.NextInt32(4);
            while (!receiver.IsWhole)
            {
                byte[] piece = new byte[1 + random.NextInt32(60_000)];
                int read = reader.Read(receiver.Offset, piece);
                Assert.True(receiver.Write(receiver.Offset, piece.AsSpan(0, read)));
                if (crashes > 0 && random.NextInt32(4) == 0)
                {
                    crashes--;
                    Crash(disk, random);
                    store = SnapshotStore.Open(disk, s_identity);
                    Assert.Equal(SnapshotMeta.None, store.Latest);
                    receiver = store.Receive(meta);
                }
            }

            receiver.Complete();
            Crash(disk, random);
            store = SnapshotStore.Open(disk, s_identity);
            Assert.Equal(meta.Index, store.Latest.Index);
            Assert.Equal(data, Read(store, store.Latest));
        }
    }

    [Fact]
    public void Complete_CrashAtAnyCall_OldOrNewButWhole()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SeededRandom random = new(seed);
            SimulatedDisk disk = new(seed);
            SnapshotStore store = SnapshotStore.Open(disk, s_identity);
            byte[] old = Data(random, 3000);
            byte[] fresh = Data(random, 70_000);
            Write(store, 10, old);
            Write(store, 11, old);

            disk.CallsUntilPowerLoss = random.NextInt32(10);
            bool isDone = false;
            try
            {
                Write(store, 20, fresh);
                isDone = true;
            }
            catch (SimulatedPowerLossException loss)
            {
                Assert.NotNull(loss.Message);
            }

            disk.CrashMachine();
            store = SnapshotStore.Open(disk, s_identity);
            Assert.True(
                store.Latest.Index.Value is 11 or 20, $"seed {seed}: the newest snapshot is {store.Latest.Index}");
            Assert.True(!isDone || store.Latest.Index.Value == 20, $"seed {seed}: a finished snapshot is gone");
            Assert.Equal(store.Latest.Index.Value == 20 ? fresh : old, Read(store, store.Latest));
        }
    }

    [Fact]
    public void Open_RottenSnapshot_ThePreviousOneServes()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SeededRandom random = new(seed);
            SimulatedDisk disk = new(seed);
            SnapshotStore store = SnapshotStore.Open(disk, s_identity);
            byte[] old = Data(random, random.NextInt32(100_000));
            Write(store, 10, old);
            byte[] fresh = Data(random, random.NextInt32(100_000));
            Write(store, 20, fresh);
            string name = disk.List()[^1];
            int offset = random.NextInt32(disk.Content(name).Length);
            disk.FlipBit(name, offset, random.NextInt32(8));
            store = SnapshotStore.Open(disk, s_identity);
            Assert.Single(store.Damaged);
            Assert.Equal(10, store.Latest.Index.Value);
            Assert.Equal(old, Read(store, store.Latest));
        }
    }

    [Fact]
    public void Complete_InThePlaceOfADamagedOne_StaysWhenDamagedOnesGo()
    {
        SeededRandom random = new(1);
        SimulatedDisk disk = new(1);
        byte[] data = Data(random, 3000);
        SnapshotStore store = SnapshotStore.Open(disk, s_identity);
        Write(store, 10, data);
        Write(store, 20, data);
        disk.FlipBit(disk.List()[^1], disk.Content(disk.List()[^1]).Length - 100, 3);
        store = SnapshotStore.Open(disk, s_identity);
        Assert.Equal(new LogIndex(10), store.Latest.Index);
        Write(store, 20, data);
        store = SnapshotStore.Open(disk, s_identity);
        Assert.Equal(new LogIndex(20), store.Latest.Index);
        Assert.Equal(data, Read(store, store.Latest));
    }

    private static void Crash(SimulatedDisk disk, SeededRandom random)
    {
        if (random.NextInt32(2) == 0)
        {
            disk.CrashMachine();
        }
        else
        {
            disk.CrashProcess();
        }
    }

    private static byte[] Data(SeededRandom random, int bytes)
    {
        byte[] data = new byte[bytes];
        ulong word = random.NextUInt64();
        for (int i = 0; i < bytes; i++)
        {
            data[i] = (byte)(word >> (i % 57));
        }

        return data;
    }

    private static SnapshotMeta Write(SnapshotStore store, long index, byte[] data)
    {
        SnapshotOutputStream writer = store.Create(new LogIndex(index), new Term(1), ClusterMembership.Empty);
        writer.Write(data);
        return writer.Complete();
    }

    private static byte[] Read(SnapshotStore store, SnapshotMeta meta)
    {
        using SnapshotReader reader = store.TryOpen(meta)!;
        using MemoryStream copy = new();
        reader.OpenData().CopyTo(copy);
        return copy.ToArray();
    }
}
