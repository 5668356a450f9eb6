using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Tests.Log;

public sealed class SnapshotStoreTests : IDisposable
{
    private readonly LogFixture _fixture = new();
    private readonly ClusterMembership _membership = new(
        [new Member(new NodeId(7), "seven", ["http://127.0.0.1:2380"]), new Member(new NodeId(8), "", [])],
        [new NodeId(7)],
        [],
        [new NodeId(8)]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_520)]
    [InlineData(65_524)]
    [InlineData(65_528)]
    [InlineData(300_000)]
    public void Complete_AnySize_ReadsAsWritten(int bytes)
    {
        byte[] data = Data(bytes);
        SnapshotStore store = Open();
        SnapshotMeta meta = Write(store, 10, data);
        Assert.Equal(meta, store.Latest);
        SnapshotStore again = Open();
        Assert.Equal(new LogIndex(10), again.Latest.Index);
        Assert.Equal(meta.Bytes, again.Latest.Bytes);
        Assert.Equal(MembershipCodec.Encode(_membership), MembershipCodec.Encode(again.Latest.Membership));
        using SnapshotReader reader = again.TryOpen(again.Latest)!;
        Assert.Equal(data, ReadAll(reader));
    }

    [Fact]
    public void Dispose_BeforeComplete_LeavesNothing()
    {
        SnapshotStore store = Open();
        using (SnapshotOutputStream writer = store.Create(new LogIndex(5), new Term(1), _membership))
        {
            writer.Write(Data(200_000));
        }

        Assert.Equal(SnapshotMeta.None, store.Latest);
        Assert.Empty(_fixture.Disk.List());
    }

    [Fact]
    public void Complete_Third_KeepsTheNewestTwo()
    {
        SnapshotStore store = Open();
        SnapshotMeta first = Write(store, 10, Data(100));
        using SnapshotReader reader = store.TryOpen(first)!;
        SnapshotMeta second = Write(store, 20, Data(100));
        Write(store, 30, Data(100));
        Assert.Equal(new LogIndex(30), store.Latest.Index);
        Assert.Null(store.TryOpen(first));
        store.TryOpen(second)!.Dispose();
        Assert.Equal(2, _fixture.Disk.List().Count);

        // Who was reading the oldest can finish.
        Assert.Equal(Data(100), ReadAll(reader));
    }

    [Fact]
    public void Receive_PiecesOfAnySize_SameSnapshot()
    {
        byte[] data = Data(400_000);
        SnapshotStore sender = Open();
        SnapshotMeta meta = Write(sender, 10, data);
        using LogFixture other = new();
        SnapshotStore store = SnapshotStore.Open(other.Disk, LogFixture.Identity);
        using SnapshotReader reader = sender.TryOpen(meta)!;
        using SnapshotReceiver receiver = store.Receive(meta);
        Send(reader, receiver, 10_007, long.MaxValue);
        receiver.Complete();
        using SnapshotReader copy = store.TryOpen(store.Latest)!;
        Assert.Equal(data, ReadAll(copy));
    }

    [Fact]
    public void Receive_AfterARestart_GoesOnWhereItStopped()
    {
        byte[] data = Data(400_000);
        SnapshotStore sender = Open();
        SnapshotMeta meta = Write(sender, 10, data);
        using SnapshotReader reader = sender.TryOpen(meta)!;
        using LogFixture other = new();
        using (SnapshotReceiver receiver = SnapshotStore.Open(other.Disk, LogFixture.Identity).Receive(meta))
        {
            Send(reader, receiver, 10_007, 200_000);
        }

        SnapshotStore store = SnapshotStore.Open(other.Disk, LogFixture.Identity);
        using SnapshotReceiver again = store.Receive(meta);
        Assert.InRange(again.Offset, 100_000, 210_000);
        Send(reader, again, 50_000, long.MaxValue);
        again.Complete();
        using SnapshotReader copy = store.TryOpen(store.Latest)!;
        Assert.Equal(data, ReadAll(copy));
    }

    [Fact]
    public void Receive_PieceOutOfPlace_NotTaken()
    {
        SnapshotMeta meta = new(new LogIndex(10), new Term(1), _membership, 100);
        using SnapshotReceiver receiver = Open().Receive(meta);
        Assert.False(receiver.Write(10, new byte[10]));
        Assert.True(receiver.Write(0, new byte[10]));
        Assert.False(receiver.Write(0, new byte[10]));
        Assert.False(receiver.Write(10, new byte[91]));
        Assert.Equal(10, receiver.Offset);
        Assert.Throws<InvalidOperationException>(receiver.Complete);
    }

    [Fact]
    public void Receive_HalvesOfTwoDifferentOnes_RefusedAndThrownAway()
    {
        SnapshotStore one = Open();
        SnapshotMeta meta = Write(one, 10, Data(200_000));
        using LogFixture second = new();
        SnapshotStore two = SnapshotStore.Open(second.Disk, LogFixture.Identity);
        byte[] otherData = Data(200_000);
        otherData[150_000] ^= 1;
        SnapshotMeta otherMeta = Write(two, 10, otherData);
        using LogFixture third = new();
        SnapshotStore store = SnapshotStore.Open(third.Disk, LogFixture.Identity);
        using SnapshotReader left = one.TryOpen(meta)!;
        using SnapshotReader right = two.TryOpen(otherMeta)!;
        using SnapshotReceiver receiver = store.Receive(meta);
        Send(left, receiver, 65_528, 140_000);
        Send(right, receiver, 30_000, receiver.Offset + 60_000);
        Send(left, receiver, 65_528, long.MaxValue);
        Assert.Throws<InvalidDataException>(receiver.Complete);
        Assert.Equal(SnapshotMeta.None, store.Latest);
        Assert.Empty(third.Disk.List());
    }

    [Fact]
    public void Open_UnfinishedFiles_Removed()
    {
        SnapshotStore store = Open();
        Write(store, 10, Data(100));
        File.WriteAllBytes(_fixture.PathOf("snapshot-0000000000000020-0000000000000001.tmp"), [1, 2, 3]);
        File.WriteAllBytes(_fixture.PathOf("snapshot-0000000000000020-0000000000000001.part"), [1, 2, 3]);
        Open();
        Assert.Single(_fixture.Disk.List());
    }

    [Fact]
    public void Read_OneBitOver_NeverSilent()
    {
        SnapshotStore store = Open();
        SnapshotMeta meta = Write(store, 10, Data(70_000));
        string path = _fixture.PathOf(_fixture.Disk.List()[0]);
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at += 997)
        {
            byte[] bytes = (byte[])whole.Clone();
            bytes[at] ^= 4;
            File.WriteAllBytes(path, bytes);
            SnapshotStore again = OpenDamaged();
            Assert.True(again.Latest == SnapshotMeta.None || Sound(again), $"A flipped bit at byte {at} was not seen.");
        }

        Assert.Equal(10, meta.Index.Value);
    }

    [Fact]
    public void Open_SnapshotOfAnotherCluster_Refused()
    {
        Write(Open(), 10, Data(100));
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(
            () => SnapshotStore.Open(_fixture.Disk, new LogIdentity(0xC2, new NodeId(7))));
        Assert.Contains("is a snapshot of cluster c1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_AfterDamage_ReplacesTheDamagedOne()
    {
        Write(Open(), 10, Data(100));
        string name = _fixture.Disk.List()[0];
        byte[] bytes = File.ReadAllBytes(_fixture.PathOf(name));
        bytes[4096 + 30] ^= 1;
        File.WriteAllBytes(_fixture.PathOf(name), bytes);
        SnapshotStore store = Open();
        Assert.Equal(new SnapshotDamage(name, "a checksum of its data is wrong"), Assert.Single(store.Damaged));
        Write(store, 20, Data(100));
        Write(store, 30, Data(100));
        Assert.Empty(store.Damaged);
        Assert.Equal(2, _fixture.Disk.List().Count);
    }

    public void Dispose() => _fixture.Dispose();

    private static byte[] Data(int bytes)
    {
        byte[] data = new byte[bytes];
        new Lepton.Core.Randomness.SeededRandom(5).Shuffle<byte>(data);
        for (int i = 0; i < bytes; i++)
        {
            data[i] = (byte)((i * 31) ^ (i >> 8));
        }

        return data;
    }

    private static byte[] ReadAll(SnapshotReader reader)
    {
        using MemoryStream copy = new();
        using Stream data = reader.OpenData();
        data.CopyTo(copy);
        return copy.ToArray();
    }

    private static void Send(SnapshotReader reader, SnapshotReceiver receiver, int pieceBytes, long until)
    {
        byte[] piece = new byte[pieceBytes];
        while (receiver.Offset < until && !receiver.IsWhole)
        {
            int read = reader.Read(receiver.Offset, piece);
            Assert.True(receiver.Write(receiver.Offset, piece.AsSpan(0, read)));
        }
    }

    private static bool Sound(SnapshotStore store)
    {
        using SnapshotReader reader = store.TryOpen(store.Latest)!;
        return Data(70_000).AsSpan().SequenceEqual(ReadAll(reader));
    }

    private SnapshotStore OpenDamaged() => Open();

    private SnapshotStore Open() => SnapshotStore.Open(_fixture.Disk, LogFixture.Identity);

    private SnapshotMeta Write(SnapshotStore store, long index, byte[] data)
    {
        using SnapshotOutputStream writer = store.Create(new LogIndex(index), new Term(1), _membership);
        foreach (byte[] part in data.Chunk(7919))
        {
            writer.Write(part);
        }

        return writer.Complete();
    }
}
