using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Hosting;

public sealed class NodeSnapshotTests
{
    [Fact]
    public void Receive_DiskFullAndThenRoom_TakesTheSnapshotWhenAskedAgain()
    {
        using NodeFixture node = new();
        (SnapshotMeta meta, byte[] data) = NodeFixture.SnapshotOf(10, 1, 2, 3);
        node.Disk.OnWrite = FaultyDisk.Full(".part");
        node.Receive(NodeFixture.Chunk(meta, []));
        Assert.Empty(node.Take<RaftMessage.SnapshotChunkReply>());
        Assert.Contains("finds no room", node.Node.Status().SnapshotFault, StringComparison.Ordinal);

        node.Disk.OnWrite = _ => { };
        node.Receive(NodeFixture.Chunk(meta, []));
        Assert.Equal(0, Assert.Single(node.Take<RaftMessage.SnapshotChunkReply>()).OffsetWanted);
        Assert.Null(node.Node.Status().SnapshotFault);
        node.Receive(NodeFixture.Chunk(meta, data));
        Assert.Equal(meta.Index, node.Node.Applied);
        Assert.Equal([1, 2, 3], node.Machine.Commands);
    }

    [Fact]
    public void Install_DiskFullAtTheLastPiece_GoesOnFromThereWhenAskedAgain()
    {
        using NodeFixture node = new();
        (SnapshotMeta meta, byte[] data) = NodeFixture.SnapshotOf(10, 1, 2, 3);
        node.Receive(NodeFixture.Chunk(meta, []));
        node.Take<RaftMessage.SnapshotChunkReply>();
        node.Disk.OnWrite = FaultyDisk.Full(".part");
        node.Receive(NodeFixture.Chunk(meta, data));
        Assert.Empty(node.Take<RaftMessage.SnapshotChunkReply>());
        Assert.Equal(LogIndex.Zero.Next, node.Node.Applied);

        node.Disk.OnWrite = _ => { };
        node.Receive(NodeFixture.Chunk(meta, []));
        node.Receive(NodeFixture.Chunk(meta, data));
        Assert.Equal(meta.Index, node.Node.Applied);
        Assert.Null(node.Node.Status().SnapshotFault);
    }

    [Fact]
    public void Install_StateRefusesTheSnapshot_LeavesTheStoreAsItWasAndSaysSo()
    {
        using NodeFixture node = new();
        (SnapshotMeta meta, byte[] data) = NodeFixture.SnapshotOf(10, 1, 2, 3);
        node.Machine.Refuses = true;
        node.Receive(NodeFixture.Chunk(meta, data));
        Assert.Equal(0, Assert.Single(node.Take<RaftMessage.SnapshotChunkReply>()).OffsetWanted);
        Assert.Contains("does not know this format", node.Node.Status().SnapshotFault, StringComparison.Ordinal);
        Assert.Equal(SnapshotMeta.None, node.Store.Latest);
        Assert.DoesNotContain(node.Disk.List(), name => name.StartsWith("snapshot-", StringComparison.Ordinal));

        node.Machine.Refuses = false;
        node.Receive(NodeFixture.Chunk(meta, data));
        Assert.Equal(meta.Index, node.Node.Applied);
        Assert.Equal(meta.Index, node.Store.Latest.Index);
        Assert.Null(node.Node.Status().SnapshotFault);
    }

    [Fact]
    public void Turn_CommittedEntriesTogetherWithAnInstall_AppliesThemFirst()
    {
        using NodeFixture node = new();
        (SnapshotMeta meta, byte[] data) = NodeFixture.SnapshotOf(10, 1, 2, 3);
        node.Receive(
            NodeFixture.Append(previous: 1, commit: 3, NodeFixture.Commands(2, 2)), NodeFixture.Chunk(meta, data));
        Assert.Equal(1, node.Machine.Restored);
        Assert.Equal([1, 2, 3], node.Machine.Commands);
        Assert.Equal(meta.Index, node.Node.Applied);
    }

    [Fact]
    public void Turn_LogReachesTheSnapshotBeforeItIsWritten_KeepsTheEntriesBehindIt()
    {
        using NodeFixture node = new();
        (SnapshotMeta meta, byte[] data) = NodeFixture.SnapshotOf(3, 2, 3);
        node.Receive(
            NodeFixture.Chunk(meta, data), NodeFixture.Append(previous: 1, commit: 1, NodeFixture.Commands(2, 4)));
        Assert.Equal(0, node.Machine.Restored);
        Assert.Equal(new LogIndex(5), node.Node.Core.LastIndex);
        Assert.Equal(meta.Index, node.Node.Core.Commit);
        Assert.Equal([2, 3], node.Machine.Commands);
        Assert.Equal(new LogIndex(5), node.Take<RaftMessage.AppendReply>().Max(reply => reply.Index));
    }

    [Fact]
    public void Applied_DiskFullForTheSnapshot_SaysSoAndTriesAgain()
    {
        using NodeFixture node = new(options => options with { SnapshotEveryBytesMin = 1000 });
        node.Disk.OnWrite = FaultyDisk.Full(".tmp");
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, NodeFixture.Commands(2, 1, 2000)));
        Run(node, Assert.Single(node.Jobs));
        Assert.Contains("finds no room", node.Node.Status().SnapshotFault, StringComparison.Ordinal);

        node.Disk.OnWrite = _ => { };
        node.Receive(NodeFixture.Append(previous: 2, commit: 3, NodeFixture.Commands(3, 1, 2000)));
        Run(node, node.Jobs[^1]);
        Assert.Equal(2, node.Jobs.Count);
        Assert.Null(node.Node.Status().SnapshotFault);
        Assert.Equal(new LogIndex(3), node.Log.Snapshot.Index);
    }

    [Fact]
    public void Run_SnapshotCanNotBeFlushed_Throws()
    {
        using NodeFixture node = new(options => options with { SnapshotEveryBytesMin = 1000 });
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, NodeFixture.Commands(2, 1, 2000)));
        node.Disk.OnSync = FaultyDisk.Failing(".tmp");
        Assert.Throws<DiskFailedException>(() => Assert.Single(node.Jobs).Run(CancellationToken.None));
    }

    [Fact]
    public void Serve_SnapshotRotten_GivesNothingAndTakesANewOne()
    {
        using NodeFixture node = new(options => options with { SnapshotEveryBytesMin = 1000 });
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, NodeFixture.Commands(2, 1, 2000)));
        Run(node, Assert.Single(node.Jobs));
        SnapshotMeta meta = node.Log.Snapshot;
        string name = Assert.Single(node.Disk.List(), name => name.EndsWith(".snap", StringComparison.Ordinal));
        using (IDiskFile file = node.Disk.Open(name))
        {
            file.Write(file.Length - 1, [0xFF]);
        }

        using NodeSnapshots snapshots = new(node.Options, node.Store, node.Log, node.Machine, node);
        SnapshotRead read = new(new NodeId(3), meta, 0, 1000);
        snapshots.Serve(node.Node.Core, [read], node.Node.Applied, NodeFixture.Term, NodeFixture.Three);
        Assert.Contains("is damaged", snapshots.Fault, StringComparison.Ordinal);
        Assert.Equal(2, node.Jobs.Count);

        node.Jobs[^1].Run(CancellationToken.None);
        snapshots.JobDone(node.Jobs[^1]);
        Assert.Null(snapshots.Fault);
        Assert.Equal(meta.Index, node.Store.Latest.Index);
        using SnapshotReader reader = node.Store.TryOpen(meta)!;
        Assert.Equal(meta.Bytes, reader.Read(0, new byte[1000]));
    }

    private static void Run(NodeFixture node, SnapshotJob job)
    {
        job.Run(CancellationToken.None);
        node.Node.SnapshotJobDone(job);
        node.Turn();
    }
}
